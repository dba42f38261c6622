# SPDX-License-Identifier: Apache-2.0
"""How six kernels spell the same wait in /proc: frames, addresses, system calls, the status file, cgroup paths.

Sources: fs/proc/base.c, fs/super.c, kernel/pid_namespace.c, drivers/tty/n_tty.c and fs/ceph/inode.c of each."""
import random


class Kernel:
    def __init__(self, release, number):
        self.release, self.number = release, number
        self.addresses = number < 415      # [<ffffffff…>] and a trailer of all ones up to 4.14
        self.nspid = number >= 401         # NSpid: in status
        self.v2 = number >= 515            # distributions moved to cgroup v2 about then

    def stack(self, frames, seed=7):
        """Text of /proc/<pid>/stack for 'function' or 'function [module]' frames, top first."""
        dice, lines = random.Random(seed), []
        for frame in frames:
            name, _, module = frame.partition(' ')
            size = dice.randrange(0x60, 0xa00) & ~0xf
            at = '%s+0x%x/0x%x%s' % (name, dice.randrange(0x10, size), size, ' ' + module if module else '')
            where = '%x' % (0xffffffffa0000000 + dice.randrange(1 << 27)) if self.addresses else '0'
            lines.append('[<%s>] %s' % (where, at))
        if self.number < 502:
            lines.append('[<%s>] 0xffffffffffffffff' % ('ffffffffffffffff' if self.addresses else '0'))
        return '\n'.join(lines) + '\n'

    def call(self, name):
        """Frames from a system call down to the entry."""
        if self.number < 400:
            return ['SyS_' + name if name != 'sync' else 'sys_sync', 'system_call_fastpath']
        if self.number < 417:
            return ['SyS_' + name if name != 'sync' else 'sys_sync', 'do_syscall_64', 'entry_SYSCALL_64_after_hwframe']
        inner = {'sync': ['ksys_sync', '__do_sys_sync' if self.number >= 600 else '__ia32_sys_sync'],
                 'read': ['ksys_read', '__x64_sys_read'], 'write': ['ksys_write', '__x64_sys_write']}.get(name, ['__x64_sys_' + name])
        extra = ['x64_sys_call'] if 601 <= self.number < 618 else []
        return inner + extra + ['do_syscall_64', 'entry_SYSCALL_64_after_hwframe']

    def signal_exit(self):
        """Frames from do_exit of a killed task down to the entry."""
        if self.number < 510:
            return ['do_exit', 'do_group_exit', 'get_signal' if self.number > 400 else 'get_signal_to_deliver', 'do_signal',
                    'exit_to_usermode_loop' if self.number > 400 else 'do_notify_resume',
                    'do_syscall_64' if self.number > 400 else 'int_signal']
        return ['do_exit', 'do_group_exit', 'get_signal', 'arch_do_signal_or_restart', 'exit_to_user_mode_loop',
                'do_syscall_64', 'entry_SYSCALL_64_after_hwframe']

    # ---- the waits -------------------------------------------------------------------------------
    def sync_waits_for_lock(self):
        top = ['call_rwsem_down_read_failed', 'iterate_supers'] if self.number < 502 else \
              ['iterate_supers'] if self.number < 606 else ['super_lock', '__iterate_supers']
        return top + self.call('sync')

    def sync_writes_back(self):
        return ['wb_wait_for_completion', 'sync_inodes_sb'] + (['sync_inodes_one_sb'] if self.number < 502 else []) + \
               ['iterate_supers'] + self.call('sync')

    def dying_init(self):
        wait4 = ['SyS_wait4'] if self.number < 400 else \
                ['kernel_wait4', 'SYSC_wait4', 'SyS_wait4'] if self.number < 417 else ['kernel_wait4']
        return ['do_wait'] + wait4 + ['zap_pid_ns_processes'] + self.signal_exit()

    def dying_init_foreign(self):
        return ['zap_pid_ns_processes'] + self.signal_exit()

    def ceph_truncate(self):
        middle = ['notify_change', 'do_truncate'] + (['do_open'] if self.number >= 506 else []) + ['path_openat', 'do_filp_open']
        return ['__ceph_do_pending_vmtruncate [ceph]', '__ceph_setattr [ceph]', 'ceph_setattr [ceph]'] + middle + \
               (['do_sys_openat2'] if self.number >= 506 else ['do_sys_open']) + self.call('openat' if self.number >= 506 else 'open')

    def ceph_umount(self):
        back = ['cleanup_mnt', 'task_work_run'] + (['exit_to_user_mode_loop'] if self.number >= 510 else ['exit_to_usermode_loop'] if self.number > 400 else ['do_notify_resume'])
        return ['ceph_mdsc_sync [ceph]', 'ceph_sync_fs [ceph]', '__sync_filesystem', 'sync_filesystem', 'generic_shutdown_super',
                'kill_anon_super', 'ceph_kill_sb [ceph]', 'deactivate_locked_super'] + back

    def tty_read(self):
        wait = [] if self.number < 400 else ['wait_woken']
        down = ['__vfs_read'] if 400 < self.number < 500 else ['new_sync_read'] if self.number == 504 else []
        return wait + ['n_tty_read'] + (['iterate_tty_read'] if self.number >= 512 else []) + ['tty_read'] + down + ['vfs_read'] + self.call('read')

    def pipe_read(self):
        return (['pipe_wait', 'pipe_read'] if self.number < 505 else ['anon_pipe_read'] if self.number >= 615 else ['pipe_read']) + ['vfs_read'] + self.call('read')

    def idle(self, kind):
        return {
            'epoll': ['ep_poll'] + (['do_epoll_wait'] if self.number > 417 else []) + self.call('epoll_wait'),
            'futex': ['futex_wait_queue_me' if self.number < 516 else 'futex_wait_queue', 'futex_wait', 'do_futex'] + self.call('futex'),
            'wait': ['do_wait'] + (['kernel_wait4'] if self.number >= 414 else []) + self.call('wait4'),
            'worker': ['worker_thread', 'kthread', 'ret_from_fork'],
            'journal': ['kjournald2 [jbd2]', 'kthread', 'ret_from_fork'],
        }[kind]

    def cgroup(self, container, exiting=False):
        """Text of /proc/<pid>/cgroup; on v1 a task that is exiting shows / (kernel/cgroup/cgroup.c: proc_cgroup_show)."""
        if self.v2:
            return '0::/system.slice/docker-%s.scope\n' % container if container else '0::/system.slice/docker.service\n'
        path = '/' if exiting or not container else '/docker/' + container
        return ''.join('%d:%s:%s\n' % (n, c, path) for n, c in ((5, 'memory'), (4, 'cpu,cpuacct'), (1, 'name=systemd')))


KERNELS = [Kernel('3.10.0-1160.el7.x86_64', 310), Kernel('4.14.105-19-0013', 414), Kernel('5.4.0-150-generic', 504),
           Kernel('5.15.0-91-generic', 515), Kernel('6.1.0-18-amd64', 601), Kernel('6.18.3-1-default', 618)]
