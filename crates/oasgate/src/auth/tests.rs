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

#[test]
fn what_is_no_key_is_told_and_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oasgate.keys");
    for text in ["", "hunter2", &format!("{}\nhunter2", Keyring::generate_key().expose())] {
        fs::write(&path, text).unwrap();
        let told = keyring(&MasterKeys::InFile(path.clone())).unwrap_err().to_string();
        assert!(!told.contains("hunter2"), "{told}");
    }
}
