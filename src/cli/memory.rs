//! Memory accounting: a counting allocator, and the memory that the system leaves to this process.
//!
//! Every memory limit rests on this count, which includes small blocks. The allocator is also the last guard. If the
//! process ends with the current query, a thread that exceeds the limit without checking its budget is held up here
//! until the main thread, which waits for it, has reported the limit. And if the system refuses memory, the process
//! ends with the status of a limit instead of being aborted.
#![allow(unsafe_code)]

use super::Exit;
use super::args::Global;
use crate::limits::account;
use crate::{Limits, disk};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::Write;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};
use std::time::Duration;

/// The allocator of the system, with a counter.
#[derive(Debug)]
pub struct Counted;

/// Number of bytes that a thread counts by itself before it updates the shared counter, to avoid contention. The shared
/// count is exact up to this amount for each thread.
const CREDIT: i64 = 1 << 14;

/// Threads that allocate beyond this total are held up.
static MOST: AtomicI64 = AtomicI64::new(i64::MAX);

/// Whether a thread is held up.
static SHORT: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The bytes allocated minus freed by this thread that are not in the shared counter yet.
    static OWN: Cell<i64> = const { Cell::new(0) };
    /// Whether this thread is never held up.
    static FREE: Cell<bool> = const { Cell::new(false) };
}

/// Starts counting. The calling thread is never held up, because it waits for the others.
pub fn begin() {
    FREE.set(true);
    account::begin();
}

/// Sets the total beyond which threads are held up; `None` for no limit.
pub fn bound(most: Option<u64>) {
    MOST.store(most.and_then(|most| i64::try_from(most).ok()).unwrap_or(i64::MAX), Relaxed);
}

/// Returns whether a thread is held up.
pub fn is_short() -> bool {
    SHORT.load(Relaxed)
}

/// Returns the size of an allocation including overhead, which matters for small blocks. Assumes the usual layout: an
/// 8-byte header, and sizes in steps of 16 bytes from 32 on.
fn block(bytes: usize) -> i64 {
    (bytes.saturating_add(23) & !15).max(32) as i64
}

fn count(bytes: i64) {
    // A thread that is ending has no thread-local storage any more; it then updates the shared counter.
    let own = OWN.try_with(|own| own.replace(0)).unwrap_or(0) + bytes;
    if own.abs() < CREDIT && OWN.try_with(|kept| kept.set(own)).is_ok() {
        return;
    }
    if account::add(own) > MOST.load(Relaxed) && bytes > 0 && !FREE.try_with(Cell::get).unwrap_or(true) {
        hold_up();
    }
}

#[cold]
fn hold_up() {
    SHORT.store(true, Relaxed);
    loop {
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// Ends the process because the system refuses memory. Must not allocate.
#[cold]
fn give_up() -> ! {
    static OVER: AtomicBool = AtomicBool::new(false);
    if !OVER.swap(true, Relaxed) {
        let _ = std::io::stderr().write_all(b"error[limit]: the system gives no more memory\n");
        // If the clean-up itself needs memory, the process ends without it.
        disk::abandon_at_once();
    }
    std::process::exit(Exit::Limit as i32)
}

fn taken(memory: *mut u8) -> *mut u8 {
    if memory.is_null() { give_up() } else { memory }
}

// SAFETY: all calls are passed on to the system's allocator, which has the same contract; `count` does not touch the
// allocated memory and does not allocate.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(block(layout.size()));
        // SAFETY: the caller upholds the contract of `alloc`.
        taken(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(block(layout.size()));
        // SAFETY: the caller upholds the contract of `alloc_zeroed`.
        taken(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(block(size) - block(layout.size()));
        // SAFETY: the caller upholds the contract of `realloc`, and `memory` comes from `System`.
        taken(unsafe { System.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-block(layout.size()));
        // SAFETY: the caller upholds the contract of `dealloc`, and `memory` comes from `System`.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Half of the memory that was free at the start, in bytes. `None` if the system does not say.
static HALF_OF_MEMORY: LazyLock<Option<u64>> = LazyLock::new(half_of_free);

/// Returns the limits of a task by the arguments.
pub fn limits_of(global: &Global) -> Limits {
    Limits { time: global.timeout, rows: global.max_rows, memory: global.max_memory.or(*HALF_OF_MEMORY) }
}

/// Returns half of the memory that the process may still use, in bytes. `None` if the system does not say.
fn half_of_free() -> Option<u64> {
    free(Path::new("/")).map(|bytes| bytes / 2)
}

/// Returns the free memory in bytes: the minimum of the machine's, the control group's and the process's. `root` is the
/// root of the system's files, which the tests replace.
fn free(root: &Path) -> Option<u64> {
    let machine = field(&root.join("proc/meminfo"), "MemAvailable:").map(|kilobytes| kilobytes * 1024);
    [machine, of_group(root), of_process(root)].into_iter().flatten().min()
}

/// Returns by how much the address space and the data segment of the process may grow.
fn of_process(root: &Path) -> Option<u64> {
    let told = std::fs::read_to_string(root.join("proc/self/limits")).ok()?;
    let left = |limit: &str, taken: &str| {
        let soft = told.lines().find_map(|line| line.strip_prefix(limit))?.split_whitespace().next()?.parse().ok()?;
        let taken = field(&root.join("proc/self/status"), taken).unwrap_or(0) * 1024;
        Some(u64::saturating_sub(soft, taken))
    };
    [left("Max address space", "VmSize:"), left("Max data size", "VmData:")].into_iter().flatten().min()
}

/// Returns the memory left to the control groups (v1 or v2) of the process. In a container a process sees its own group
/// as the root, whatever path it is told.
fn of_group(root: &Path) -> Option<u64> {
    let told = std::fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let groups = told.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, path) = (parts.next()?, parts.next()?);
        let is_memory = controllers.split(',').any(|name| name == "memory");
        let (mount, files) = match (controllers.is_empty(), is_memory) {
            (true, _) => ("sys/fs/cgroup", ["memory.max", "memory.current", "inactive_file "]),
            (_, true) => {
                let files = ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "];
                ("sys/fs/cgroup/memory", files)
            }
            _ => return None,
        };
        let top = root.join(mount);
        let own = top.join(path.trim_start_matches('/'));
        own.ancestors().take_while(|folder| folder.starts_with(&top)).filter_map(|folder| left(folder, files)).min()
    });
    groups.min()
}

/// Returns the memory that a group may still use. Cached files do not count as used, because the system can drop them.
fn left(group: &Path, [most, taken, cached]: [&str; 3]) -> Option<u64> {
    let number = |file: &str| std::fs::read_to_string(group.join(file)).ok()?.trim().parse::<u64>().ok();
    let kept = field(&group.join("memory.stat"), cached).unwrap_or(0);
    Some(number(most)?.saturating_sub(number(taken)?.saturating_sub(kept)))
}

/// Returns the number behind a name at the start of a line.
fn field(file: &Path, name: &str) -> Option<u64> {
    let told = std::fs::read_to_string(file).ok()?;
    told.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::free;
    use std::fs::{create_dir_all, write};
    use std::path::{Path, PathBuf};

    const MIB: u64 = 1 << 20;

    /// Returns a folder with the files of a system with 1000 MiB.
    fn system(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let root = std::env::temp_dir().join(format!("begat-memory-{name}-{}", std::process::id()));
        let machine = [("proc/meminfo", "MemTotal: 9 kB\nMemAvailable:    1024000 kB\n")];
        for (file, text) in machine.iter().chain(files) {
            let path = root.join(file);
            create_dir_all(path.parent().expect("a folder")).expect("it can be made");
            write(path, text).expect("it can be written");
        }
        root
    }

    fn free_of(root: &Path) -> Option<u64> {
        let found = free(root);
        std::fs::remove_dir_all(root).expect("it is there");
        found.map(|bytes| bytes / MIB)
    }

    #[test]
    fn what_is_least_counts() {
        assert_eq!(free_of(&system("machine", &[])), Some(1000));
        let limits = "Limit   Soft Limit  Hard Limit  Units\nMax address space   524288000   unlimited   bytes\n\
            Max data size   unlimited   unlimited   bytes\n";
        let own = [("proc/self/limits", limits), ("proc/self/status", "Name: begat\nVmSize:\t  102400 kB\n")];
        assert_eq!(free_of(&system("limits", &own)), Some(400));
    }

    #[test]
    fn groups_of_either_version_count() {
        let own = [
            ("proc/self/cgroup", "0::/a/b\n"),
            ("sys/fs/cgroup/a/b/memory.max", "max\n"),
            ("sys/fs/cgroup/a/b/memory.current", "1\n"),
            ("sys/fs/cgroup/a/memory.max", "209715200\n"),
            ("sys/fs/cgroup/a/memory.current", "157286400\n"),
            ("sys/fs/cgroup/a/memory.stat", "anon 7\ninactive_file 52428800\n"),
        ];
        assert_eq!(free_of(&system("second", &own)), Some(100));
        // In a container the path is that of the host.
        let own = [
            ("proc/self/cgroup", "5:cpu:/docker/1\n4:memory,hugetlb:/docker/1\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "314572800\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "104857600\n"),
        ];
        assert_eq!(free_of(&system("first", &own)), Some(200));
    }
}
