//! What becomes of a command that cannot write what it says.

use std::{fs::OpenOptions, io::Read, process::Stdio};

use crate::binary::deskbuy;

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    // Longer than a pipe's buffer, so that its end is written after the reader has gone.
    let mut child = deskbuy(&["man"]).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 16]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    for arguments in [&["man"][..], &["version", "--json"], &["completions", "zsh"], &["check", "--print"]] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = deskbuy(arguments).stdout(Stdio::from(full)).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("cannot write to standard output"), "{arguments:?}: {said}");
    }
}
