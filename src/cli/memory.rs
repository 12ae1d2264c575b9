//! The account of memory: an allocator that counts, and what the system leaves to this process.
//!
//! Every limit of memory rests on this count, so that it is exact wherever the memory goes, small blocks as well. Besides, the allocator is the
//! last guard. Where one question is asked and the process ends with it, a thread that goes beyond the limit without a
//! look at its budget is held up here until the main thread, which waits for it, has told so. And where the system
//! refuses memory, the process ends with the status of a limit instead of being aborted.
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

/// The allocator of the system, counted.
#[derive(Debug)]
pub struct Counted;

/// So many bytes are counted by a thread before all know of them: threads would wait for each other otherwise.
const CREDIT: i64 = 1 << 14;

/// Threads are held up that take more than this in all.
static MOST: AtomicI64 = AtomicI64::new(i64::MAX);

/// A thread is held up.
static SHORT: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// What this thread has taken (and given back) of which not all know.
    static OWN: Cell<i64> = const { Cell::new(0) };
    /// This thread is never held up.
    static FREE: Cell<bool> = const { Cell::new(false) };
}

/// Begins to count. The calling thread is never held up: others are waited for by it.
pub fn begin() {
    FREE.set(true);
    account::begin();
}

/// Holds up threads that go beyond so many bytes in all; `None`: no more.
pub fn bound(most: Option<u64>) {
    MOST.store(most.and_then(|most| i64::try_from(most).ok()).unwrap_or(i64::MAX), Relaxed);
}

/// Whether a thread is held up.
pub fn is_short() -> bool {
    SHORT.load(Relaxed)
}

/// The bytes that so many take in memory: those of a small block are a fraction of it. As most systems do it, a word
/// stands before each, in steps of 16 bytes, of which there are at least two.
fn block(bytes: usize) -> i64 {
    (bytes.saturating_add(23) & !15).max(32) as i64
}

fn count(bytes: i64) {
    // A thread that ends has no storage of its own any more.
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

/// Ends the process, for the system gives no memory. Nothing here may need any.
#[cold]
fn give_up() -> ! {
    static OVER: AtomicBool = AtomicBool::new(false);
    if !OVER.swap(true, Relaxed) {
        let _ = std::io::stderr().write_all(b"error[limit]: the system gives no more memory\n");
        // Where even that needs memory, the process ends without it.
        disk::abandon_at_once();
    }
    std::process::exit(Exit::Limit as i32)
}

fn taken(memory: *mut u8) -> *mut u8 {
    if memory.is_null() { give_up() } else { memory }
}

// SAFETY: all is left to the allocator of the system, whose contract is the same; what is counted beside it touches no
// memory of others, and `count` allocates nothing.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(block(layout.size()));
        // SAFETY: the caller keeps the contract of `alloc`.
        taken(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(block(layout.size()));
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        taken(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(block(size) - block(layout.size()));
        // SAFETY: the caller keeps the contract of `realloc`, and `memory` comes from `System`.
        taken(unsafe { System.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-block(layout.size()));
        // SAFETY: the caller keeps the contract of `dealloc`, and `memory` comes from `System`.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Half of the memory that was free when begat began, in bytes. `None` where the system does not say.
static HALF_OF_MEMORY: LazyLock<Option<u64>> = LazyLock::new(half_of_free);

/// What a piece of work may take by the arguments.
pub fn limits_of(global: &Global) -> Limits {
    Limits { time: global.timeout, rows: global.max_rows, memory: global.max_memory.or(*HALF_OF_MEMORY) }
}

/// Half of the memory that the process may still take, in bytes. `None` where the system does not say.
fn half_of_free() -> Option<u64> {
    free(Path::new("/")).map(|bytes| bytes / 2)
}

/// What is free: of the machine, of the process's group, and within its own limits, whichever is least. `root` is where
/// the files of the system are.
fn free(root: &Path) -> Option<u64> {
    let machine = field(&root.join("proc/meminfo"), "MemAvailable:").map(|kilobytes| kilobytes * 1024);
    [machine, of_group(root), of_process(root)].into_iter().flatten().min()
}

/// What the process may add to its address space, and to its data.
fn of_process(root: &Path) -> Option<u64> {
    let told = std::fs::read_to_string(root.join("proc/self/limits")).ok()?;
    let left = |limit: &str, taken: &str| {
        let soft = told.lines().find_map(|line| line.strip_prefix(limit))?.split_whitespace().next()?.parse().ok()?;
        let taken = field(&root.join("proc/self/status"), taken).unwrap_or(0) * 1024;
        Some(u64::saturating_sub(soft, taken))
    };
    [left("Max address space", "VmSize:"), left("Max data size", "VmData:")].into_iter().flatten().min()
}

/// What is left to the groups (of either version) that the process is in. One inside a container sees its own group as
/// the root, whatever path it is told.
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

/// What a group may still take. What the system keeps of files it can drop.
fn left(group: &Path, [most, taken, cached]: [&str; 3]) -> Option<u64> {
    let number = |file: &str| std::fs::read_to_string(group.join(file)).ok()?.trim().parse::<u64>().ok();
    let kept = field(&group.join("memory.stat"), cached).unwrap_or(0);
    Some(number(most)?.saturating_sub(number(taken)?.saturating_sub(kept)))
}

/// The number behind a name at the beginning of a line.
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

    /// A folder with the files that a system of 1000 MiB would show.
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
        // In a container the path is one of the host.
        let own = [
            ("proc/self/cgroup", "5:cpu:/docker/1\n4:memory,hugetlb:/docker/1\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "314572800\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "104857600\n"),
        ];
        assert_eq!(free_of(&system("first", &own)), Some(200));
    }
}
