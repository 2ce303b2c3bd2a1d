/**
 * The default seccomp profile: what Docker documents as its allow list
 * (https://docs.docker.com/engine/security/seccomp/), grouped by what the calls are for. Everything else fails with
 * EPERM. io_uring is left out, as in Docker since 25.0.
 */
import type { SeccompProfile, SeccompRule } from './seccomp.ts';

const words = (...lines: readonly string[]): string[] => lines.flatMap((line) => line.split(' '));

const FILES = words(
  'access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2',
  'fadvise64 fadvise64_64 fallocate fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl',
  'fcntl64 fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync',
  'ftruncate ftruncate64 futimesat getcwd getdents getdents64 getxattr getxattrat inotify_add_watch inotify_init',
  'inotify_init1 inotify_rm_watch ioctl lchown lchown32 lgetxattr link linkat listxattr listxattrat llistxattr _llseek',
  'lremovexattr lseek lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open openat',
  'openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv',
  'removexattr removexattrat rename renameat renameat2 rmdir sendfile sendfile64 setxattr setxattrat splice stat stat64',
  'statfs statfs64 statmount listmount statx symlink symlinkat sync sync_file_range syncfs tee truncate truncate64 umask',
  'unlink unlinkat utime utimensat utimensat_time64 utimes vmsplice write writev',
);
const WAITING = words(
  'epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd',
  'eventfd2 io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit _newselect pause',
  'poll ppoll ppoll_time64 pselect6 pselect6_time64 select',
);
const NETWORK = words(
  'accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmmsg_time64 recvmsg',
  'send sendmmsg sendmsg sendto setsockopt shutdown socketcall socketpair',
);
const MEMORY = words(
  'brk cachestat madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2',
  'mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect process_mrelease',
  'remap_file_pages',
);
const PROCESSES = words(
  'capget capset execve execveat exit exit_group fork getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups',
  'getgroups32 getpgid getpgrp getpid getppid getpriority getresgid getresgid32 getresuid getresuid32 getrlimit',
  'getrusage getsid gettid getuid getuid32 ioprio_get ioprio_set kill pidfd_open pidfd_send_signal prctl prlimit64 rseq',
  'sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler',
  'sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler',
  'sched_yield set_robust_list get_robust_list set_thread_area get_thread_area set_tid_address setfsgid setfsgid32',
  'setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setpgid setpriority setregid setregid32 setresgid',
  'setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setuid setuid32 sysinfo ugetrlimit uname',
  'uretprobe vfork wait4 waitid waitpid getcpu getrandom restart_syscall',
  'seccomp landlock_add_rule landlock_create_ruleset landlock_restrict_self',
);
const SIGNALS = words(
  'rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait',
  'rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack signalfd signalfd4 sigprocmask sigreturn tgkill tkill',
);
const TIME = words(
  'adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64',
  'clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep setitimer time timer_create timer_delete',
  'timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime',
  'timerfd_gettime64 timerfd_settime timerfd_settime64 times',
);
const IPC = words(
  'futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake ipc mq_getsetattr mq_notify mq_open',
  'mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd semctl',
  'semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget',
);
const SYS_ADMIN = words(
  'bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount open_tree',
  'perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare',
);

const AF_VSOCK = 40;
const ENOSYS = 38;
/** CLONE_NEW* of namespaces(7). */
const CLONE_NAMESPACES = 0x7e020000;

const allow = (names: readonly string[], rest: Partial<SeccompRule> = {}): SeccompRule => ({
  names,
  action: 'SCMP_ACT_ALLOW',
  ...rest,
});
const withCapability = (capability: string, names: readonly string[]): SeccompRule =>
  allow(names, { includes: { caps: [capability] } });
const onArchitectures = (arches: readonly string[], names: readonly string[]): SeccompRule =>
  allow(names, { includes: { arches } });
const notAdmin = { caps: ['CAP_SYS_ADMIN'] };

/** PER_LINUX, PER_BSD, both without address randomisation, and a question. */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

export const DEFAULT_SECCOMP_PROFILE: SeccompProfile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 1,
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    { architecture: 'SCMP_ARCH_S390X', subArchitectures: ['SCMP_ARCH_S390'] },
    { architecture: 'SCMP_ARCH_RISCV64', subArchitectures: [] },
  ],
  syscalls: [
    allow([...FILES, ...WAITING, ...NETWORK, ...MEMORY, ...PROCESSES, ...SIGNALS, ...TIME, ...IPC]),
    allow(words('process_vm_readv process_vm_writev ptrace'), { includes: { minKernel: '4.8' } }),
    allow(['socket'], { args: [{ index: 0, value: AF_VSOCK, op: 'SCMP_CMP_NE' }] }),
    ...PERSONALITIES.map((value) => allow(['personality'], { args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }] })),
    onArchitectures(['ppc64le'], words('sync_file_range2 swapcontext')),
    onArchitectures(
      ['arm', 'arm64'],
      words('arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls'),
    ),
    onArchitectures(['amd64', 'x32'], ['arch_prctl']),
    onArchitectures(['amd64', 'x32', 'x86'], ['modify_ldt']),
    onArchitectures(['s390', 's390x'], words('s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr')),
    onArchitectures(['riscv64'], ['riscv_flush_icache']),
    withCapability('CAP_DAC_READ_SEARCH', ['open_by_handle_at']),
    withCapability('CAP_SYS_ADMIN', SYS_ADMIN),
    allow(['clone'], {
      args: [{ index: 0, value: CLONE_NAMESPACES, op: 'SCMP_CMP_MASKED_EQ' }],
      excludes: { ...notAdmin, arches: ['s390', 's390x'] },
    }),
    allow(['clone'], {
      args: [{ index: 1, value: CLONE_NAMESPACES, op: 'SCMP_CMP_MASKED_EQ' }],
      includes: { arches: ['s390', 's390x'] },
      excludes: notAdmin,
    }),
    // Filters cannot look into clone3's structure: as if the kernel did not have it, so that callers use clone.
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS, excludes: notAdmin },
    withCapability('CAP_SYS_BOOT', ['reboot']),
    withCapability('CAP_SYS_CHROOT', ['chroot']),
    withCapability('CAP_SYS_MODULE', words('delete_module init_module finit_module')),
    withCapability('CAP_SYS_PACCT', ['acct']),
    withCapability(
      'CAP_SYS_PTRACE',
      words('kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace'),
    ),
    withCapability('CAP_SYS_RAWIO', words('iopl ioperm')),
    withCapability('CAP_SYS_TIME', words('settimeofday stime clock_settime clock_settime64')),
    withCapability('CAP_SYS_TTY_CONFIG', ['vhangup']),
    withCapability('CAP_SYS_NICE', words('get_mempolicy mbind set_mempolicy set_mempolicy_home_node')),
    withCapability('CAP_SYSLOG', ['syslog']),
    withCapability('CAP_BPF', ['bpf']),
    withCapability('CAP_PERFMON', ['perf_event_open']),
  ],
};
