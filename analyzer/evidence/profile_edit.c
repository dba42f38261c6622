// SPDX-License-Identifier: Apache-2.0
#include "evidence/profile_edit.h"

void profile_numbers_of(struct text stack, struct profile_numbers *numbers)
{
    array_clear(numbers);
    uint32_t number;
    while (stack_take(&stack, &number))
        *array_add(numbers) = number;
}

void profile_edit_stacks(struct profile *profile, profile_edit *edit, void *context)
{
    struct stack_set before = profile->stacks, after;
    stack_set_init(&after, before.width, before.most_stacks, before.most_bytes);
    after.labels_merged = before.labels_merged;
    after.overflow_samples = before.overflow_samples;
    for (uint32_t k = 0; k < before.width; k++)
        after.overflow[k] = before.overflow[k];
    struct profile_numbers numbers = {0};
    CLEANUP(buffer_release) struct buffer stack = {0};
    for (uint32_t i = 0; i < before.count; i++) {
        profile_numbers_of(stack_set_stack(&before, i), &numbers);
        if (!edit(profile, &numbers, context))
            continue;
        buffer_clear(&stack);
        for (size_t k = 0; k < numbers.count; k++)
            stack_put(&stack, numbers.items[k]);
        stack_set_add(&after, buffer_text(&stack), before.entries[i].label, stack_set_values(&before, i),
                      before.entries[i].samples);
    }
    array_release(&numbers);
    stack_set_release(&before);
    profile->stacks = after;
}
