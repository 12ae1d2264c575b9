//! The folder in which a server keeps tables that grow beyond what begat holds.

use crate::disk::Scratch;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The file that the process which made the folder keeps locked. The system ends the lock with the process, however that ends.
const OWNER: &str = "owner";

/// A folder that is removed on drop. Where that could not be, since begat was killed, the next one removes it.
pub struct State {
    folder: Scratch,
    _owner: File,
}

impl State {
    /// Makes a folder beside a lake.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn beside(lake: &Path) -> io::Result<State> {
        State::of(Scratch::beside(lake)?)
    }

    /// Makes a folder in another one.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn inside(folder: &Path) -> io::Result<State> {
        State::of(Scratch::inside(folder)?)
    }

    fn of(folder: Scratch) -> io::Result<State> {
        let place = folder.path();
        // Under another name until it is locked, so that nobody takes it for that of a process which has ended.
        let draft = place.join("owner.draft");
        let mut owner = File::create_new(&draft)?;
        owner.write_all(host().as_bytes())?;
        owner.lock()?;
        fs::rename(&draft, place.join(OWNER))?;
        abandoned(place).iter().for_each(|other| _ = fs::remove_dir_all(other));
        Ok(State { folder, _owner: owner })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Returns the folders beside a state's that processes of this machine have left. Locks of other machines may not be seen
/// here, so that theirs are left alone.
fn abandoned(own: &Path) -> Vec<PathBuf> {
    let (Some(folder), Some(name)) = (own.parent(), own.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let prefix = name.rfind('.').map_or(name, |end| &name[..=end]);
    let is_alike = |place: &PathBuf| {
        place != own && place.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(prefix))
    };
    let has_ended = |place: &PathBuf| {
        let owner = place.join(OWNER);
        fs::read_to_string(&owner).is_ok_and(|of| of == host())
            && File::open(&owner).is_ok_and(|it| it.try_lock().is_ok())
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|place| is_alike(place) && has_ended(place)).collect()
}

/// Returns the name of this machine.
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::State;
    use std::path::Path;

    #[test]
    fn a_folder_that_a_killed_process_left_is_removed_by_the_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let lake = folder.path().join("lake");
        let here = |state: &State| state.path().to_path_buf();
        let [running, killed] = [(); 2].map(|()| State::beside(&lake).expect("a state"));
        let of_another_lake = folder.path().join("lake-2-state.x");
        std::fs::create_dir(&of_another_lake).expect("a folder");
        let places = [here(&running), here(&killed)];
        let State { folder: left, _owner: lock } = killed;
        std::mem::forget(left);
        drop(lock);
        let next = State::beside(&lake).expect("a state");
        let there = |place: &Path| place.is_dir();
        assert!(there(&places[0]) && !there(&places[1]) && there(next.path()) && there(&of_another_lake));
        drop((running, next));
        assert!(!there(&places[0]));
    }
}
