use std::fs;

use oasgate_auth::Keyring;

use super::keeping::{keyring, rotate};
use crate::config::MasterKeys;

fn kids(path: &std::path::Path) -> Vec<String> {
    keyring(&MasterKeys::InFile(path.to_path_buf())).unwrap().kids()
}

#[test]
fn a_key_file_is_made_once_and_rotated_at_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oasgate.keys");
    let first = kids(&path);
    assert_eq!(first.len(), 1);
    assert_eq!(kids(&path), first, "it stays");
    assert_eq!(rotate(&path).unwrap(), 2);
    let second = kids(&path);
    assert_eq!(second.len(), 2);
    assert_eq!(second[1], first[0], "the old one opens what it has sealed");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "nobody else can read it");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left there");
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oasgate.keys");
    kids(&path);
    for mode in [0o640, 0o604, 0o620, 0o666] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let told = keyring(&MasterKeys::InFile(path.clone())).unwrap_err().to_string();
        assert!(told.contains("chmod 600"), "{mode:o}: {told}");
        assert!(rotate(&path).is_err(), "{mode:o}");
    }
}

fn write_private(path: &std::path::Path, text: &str) {
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

#[test]
fn what_is_no_key_is_told_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oasgate.keys");
    for text in ["", "hunter2", &format!("{}\nhunter2", Keyring::generate_key().expose())] {
        write_private(&path, text);
        let told = keyring(&MasterKeys::InFile(path.clone())).unwrap_err().to_string();
        assert!(!told.contains("hunter2"), "{told}");
    }
}
