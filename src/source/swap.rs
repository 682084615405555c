//! Putting a text in the place of another that must not have changed.
//!
//! Owns: closing the window between the last look at a document and the moment its text is replaced. Must not
//! know: what a memory is, or what is written.
//!
//! A rename puts a text in place at once, whatever stands there; a look before it can always be too early. So
//! on Linux the two files are exchanged: what stood there comes out whole and is looked at afterwards. If it is not
//! what the reviewer saw, the exchange is made again the other way. Where there is no such exchange (other systems,
//! some network file systems) the last look is right before the rename. What no program can close without the
//! other's help: an editor that has the file open and writes into it after it was exchanged.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::domain::memory::ContentHash;

/// What happened to a document that was to be replaced or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swapped {
    /// It is as it shall be.
    Done,
    /// Another text (or none) was there; it is there still.
    Changed(Option<ContentHash>),
}

/// A text on the disk beside the document it is for.
pub struct Prepared<'a> {
    /// The document.
    pub target: &'a Path,
    /// Where the new text lies, durable and in the same folder.
    pub text: PathBuf,
    /// Hash of that text.
    pub wanted: ContentHash,
    /// Hash of the text that the reviewer saw.
    pub expected: ContentHash,
}

/// The name under which a text waits to be exchanged, so that a later run knows what a kill left behind.
#[must_use]
pub fn waiting_name(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default();
    let short: String = ContentHash::of(name.as_encoded_bytes()).to_string().chars().take(16).collect();
    target.with_file_name(format!(".wakeful-{short}.swap"))
}

/// Exchanges the texts, looks at what came out, and takes it away if it is what the reviewer saw.
/// `meanwhile` runs where another program could come in between.
///
/// # Errors
/// When the file system fails; then the document is as it was or as it shall be, and nothing is lost.
pub fn replace(prepared: &Prepared<'_>, meanwhile: &mut dyn FnMut()) -> io::Result<Swapped> {
    let Prepared { target, text, wanted, expected } = prepared;
    let found = hash_of(target)?;
    if found != Some(*expected) {
        fs::remove_file(text)?;
        return Ok(Swapped::Changed(found));
    }
    meanwhile();
    match exchange(text, target) {
        Ok(()) => {}
        Err(error) if is_unsupported(&error) => {
            let found = hash_of(target)?;
            if found != Some(*expected) {
                fs::remove_file(text)?;
                return Ok(Swapped::Changed(found));
            }
            fs::rename(text, target)?;
            return Ok(Swapped::Done);
        }
        // It was removed right now.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::remove_file(text)?;
            return Ok(Swapped::Changed(hash_of(target)?));
        }
        Err(error) => return Err(error),
    }
    settle(target, text, *wanted, *expected, meanwhile)
}

/// After an exchange: `text` holds what stood in the place.
fn settle(
    target: &Path,
    text: &Path,
    wanted: ContentHash,
    expected: ContentHash,
    meanwhile: &mut dyn FnMut(),
) -> io::Result<Swapped> {
    let came_out = hash_of(text)?;
    if came_out == Some(expected) || came_out.is_none() {
        remove_if_there(text)?;
        return Ok(Swapped::Done);
    }
    // Nobody has seen this one. It goes back, and ours comes out, unless somebody replaced ours by now.
    meanwhile();
    match exchange(text, target) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // Ours was removed: theirs takes the place, unless yet another came.
            match move_to_free(text, target) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => remove_if_there(text)?,
                other => other?,
            }
            return Ok(Swapped::Changed(hash_of(target)?));
        }
        Err(error) => return Err(error),
    }
    let out = hash_of(text)?;
    if out.is_some() && out != Some(wanted) {
        // Someone saved over ours in between; that is the newest text, so it goes back in.
        exchange(text, target)?;
    }
    remove_if_there(text)?;
    Ok(Swapped::Changed(hash_of(target)?))
}

/// Takes a document away if it is what the reviewer saw. It is moved aside first, and looked at there.
///
/// # Errors
/// When the file system fails; then the document is where it was, or gone as it shall be.
pub fn remove(target: &Path, expected: ContentHash, meanwhile: &mut dyn FnMut()) -> io::Result<Swapped> {
    let found = hash_of(target)?;
    if found != Some(expected) {
        return Ok(Swapped::Changed(found));
    }
    meanwhile();
    let aside = waiting_name(target);
    match move_to_free(target, &aside) {
        Ok(()) => {}
        Err(error) if is_unsupported(&error) => {
            fs::remove_file(target)?;
            return Ok(Swapped::Done);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Swapped::Changed(None)),
        Err(error) => return Err(error),
    }
    if hash_of(&aside)? == Some(expected) {
        fs::remove_file(&aside)?;
        return Ok(Swapped::Done);
    }
    meanwhile();
    match move_to_free(&aside, target) {
        // Somebody wrote it anew without having seen the one we hold: theirs is the newer one.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::remove_file(&aside)?,
        other => other?,
    }
    Ok(Swapped::Changed(hash_of(target)?))
}

/// Sets right what a kill between an exchange and the look at what came out left behind.
///
/// # Errors
/// When the file system fails.
pub fn recover(target: &Path, expected: Option<ContentHash>, wanted: Option<ContentHash>) -> io::Result<()> {
    let aside = waiting_name(target);
    let Some(left) = hash_of(&aside)? else { return Ok(()) };
    let there = hash_of(target)?;
    if Some(left) == wanted || Some(left) == expected && there.is_some() {
        // Ours, not exchanged yet; or the one the reviewer saw, after the exchange.
        return fs::remove_file(&aside);
    }
    match (there, wanted) {
        (None, _) => match move_to_free(&aside, target) {
            Err(error) if is_unsupported(&error) => fs::rename(&aside, target),
            other => other,
        },
        (there, wanted) if there == wanted => {
            exchange(&aside, target)?;
            fs::remove_file(&aside)
        }
        // Neither is ours: the one in the place is the newer.
        _ => fs::remove_file(&aside),
    }
}

/// The hash of a file's bytes; `None` if there is none.
///
/// # Errors
/// When it can't be read.
pub fn hash_of(path: &Path) -> io::Result<Option<ContentHash>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(ContentHash::of(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A rename that never replaces anything.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn move_to_free(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn move_to_free(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The kernel or the file system does not know the exchange.
fn is_unsupported(error: &io::Error) -> bool {
    // An unknown call is "unsupported", an unknown flag "invalid".
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const SEEN: &str = "what the reviewer saw\n";
    const OURS: &str = "what the reviewer accepted\n";

    struct Place {
        folder: tempfile::TempDir,
        target: PathBuf,
    }

    impl Place {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let target = folder.path().join("notes.md");
            fs::write(&target, SEEN).unwrap();
            fs::write(waiting_name(&target), OURS).unwrap();
            Self { folder, target }
        }

        /// Replaces while somebody else does what `at` says, at each moment when that could happen.
        fn replace(&self, mut at: impl FnMut(usize, &Path)) -> Swapped {
            let prepared = Prepared {
                target: &self.target,
                text: waiting_name(&self.target),
                wanted: ContentHash::of(OURS.as_bytes()),
                expected: ContentHash::of(SEEN.as_bytes()),
            };
            let mut moment = 0;
            let mut meanwhile = || {
                moment += 1;
                at(moment, &self.target);
            };
            replace(&prepared, &mut meanwhile).unwrap()
        }

        /// What is in the folder, with nothing left lying about.
        fn there(&self) -> Option<String> {
            let names: Vec<_> =
                fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert!(names.iter().all(|name| name == "notes.md"), "{names:?}");
            fs::read_to_string(&self.target).ok()
        }
    }

    /// As an editor saves: a new file renamed over the old.
    fn save(target: &Path, text: &str) {
        let beside = target.with_extension("new");
        fs::write(&beside, text).unwrap();
        fs::rename(beside, target).unwrap();
    }

    fn hash(text: &str) -> ContentHash {
        ContentHash::of(text.as_bytes())
    }

    #[test]
    fn a_text_takes_the_place_of_the_one_that_was_seen() {
        let place = Place::new();
        assert_eq!(place.replace(|_, _| {}), Swapped::Done);
        assert_eq!(place.there().as_deref(), Some(OURS));
    }

    #[test]
    fn a_save_after_the_last_look_is_put_back() {
        for write in [save as fn(&Path, &str), |target, text| fs::write(target, text).unwrap()] {
            let place = Place::new();
            let found = place.replace(|moment, target| {
                if moment == 1 {
                    write(target, "theirs\n");
                }
            });
            assert_eq!(found, Swapped::Changed(Some(hash("theirs\n"))));
            assert_eq!(place.there().as_deref(), Some("theirs\n"));
        }
    }

    #[test]
    fn of_two_saves_the_later_one_stays() {
        let place = Place::new();
        let found = place.replace(|moment, target| save(target, &format!("theirs {moment}\n")));
        assert_eq!(found, Swapped::Changed(Some(hash("theirs 2\n"))));
        assert_eq!(place.there().as_deref(), Some("theirs 2\n"));
    }

    #[test]
    fn a_document_that_goes_in_between_is_not_made_again() {
        let place = Place::new();
        let found = place.replace(|moment, target| {
            if moment == 1 {
                fs::remove_file(target).unwrap();
            }
        });
        assert_eq!(found, Swapped::Changed(None));
        assert_eq!(place.there(), None);
    }

    #[test]
    fn theirs_comes_back_even_where_ours_was_removed() {
        let place = Place::new();
        let found = place.replace(|moment, target| match moment {
            1 => save(target, "theirs\n"),
            _ => fs::remove_file(target).unwrap(),
        });
        assert_eq!(found, Swapped::Changed(Some(hash("theirs\n"))));
        assert_eq!(place.there().as_deref(), Some("theirs\n"));
    }

    #[test]
    fn only_the_text_that_was_seen_is_removed() {
        let removed = |at: &dyn Fn(usize, &Path)| {
            let place = Place::new();
            fs::remove_file(waiting_name(&place.target)).unwrap();
            let mut moment = 0;
            let mut meanwhile = || {
                moment += 1;
                at(moment, &place.target);
            };
            let out = remove(&place.target, ContentHash::of(SEEN.as_bytes()), &mut meanwhile).unwrap();
            (out, place.there())
        };
        assert_eq!(removed(&|_, _| {}), (Swapped::Done, None));
        let theirs = || (Swapped::Changed(Some(hash("theirs\n"))), Some("theirs\n".to_owned()));
        let save_at = |when: usize| {
            move |moment: usize, target: &Path| {
                if moment == when {
                    save(target, "theirs\n");
                }
            }
        };
        assert_eq!(removed(&save_at(1)), theirs());
        let (out, there) = removed(&|moment, target| save(target, &format!("theirs {moment}\n")));
        assert_eq!((out, there.as_deref()), (Swapped::Changed(Some(hash("theirs 2\n"))), Some("theirs 2\n")));
        assert_eq!(removed(&|_, target| fs::remove_file(target).unwrap()), (Swapped::Changed(None), None));
    }

    #[test]
    fn a_kill_between_exchange_and_look_is_set_right() {
        // What lies aside, what lies in the place, and what shall be there.
        for (aside, there, then) in [
            (OURS, Some(SEEN), Some(SEEN)),
            (SEEN, Some(OURS), Some(OURS)),
            ("theirs\n", Some(OURS), Some("theirs\n")),
            ("theirs\n", None, Some("theirs\n")),
            ("theirs\n", Some("newer\n"), Some("newer\n")),
        ] {
            let place = Place::new();
            fs::write(waiting_name(&place.target), aside).unwrap();
            match there {
                Some(text) => fs::write(&place.target, text).unwrap(),
                None => fs::remove_file(&place.target).unwrap(),
            }
            recover(&place.target, Some(hash(SEEN)), Some(hash(OURS))).unwrap();
            assert_eq!(place.there().as_deref(), then, "{aside:?} beside {there:?}");
        }
        // A removal was cut off: what was seen may go, anything else comes back.
        let place = Place::new();
        fs::rename(&place.target, waiting_name(&place.target)).unwrap();
        recover(&place.target, Some(hash(SEEN)), None).unwrap();
        assert_eq!(place.there().as_deref(), Some(SEEN), "back, to be removed again");
    }
}
