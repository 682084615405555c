//! A disk that fills up at every point of deciding and applying, for real: a small file system in
//! memory, mounted for the child process alone.
//!
//! Skips, saying so, where the system lets nobody mount one.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

#[path = "cli/stage.rs"]
#[allow(dead_code, reason = "shared with the tests of the command line")]
mod stage;

use std::fs;
use std::path::Path;
use std::process::Command;

use stage::Stage;

/// Runs a script with an empty file system of that size at `disk`, which ends with it.
fn on_a_disk(disk: &Path, kilobytes: u32, script: &str) -> std::process::Output {
    let mount = format!("mount -t tmpfs -o size={kilobytes}k none '{}' || exit 99\n", disk.display());
    Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
        .arg(mount + script)
        .output()
        .unwrap()
}

fn can_mount(disk: &Path) -> bool {
    let able = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
        .arg(format!("mount -t tmpfs -o size=16k none '{}'", disk.display()))
        .output()
        .is_ok_and(|output| output.status.success());
    if !able {
        eprintln!("skipped: this system lets nobody mount a file system of one's own");
    }
    able
}

/// What the memory looks like: every document with its text, and nothing else.
fn documents(folder: &Path) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_full_disk_loses_nothing_and_the_work_goes_on_when_there_is_room() {
    let stage = Stage::new();
    let home = stage.folder.path();
    // The agent is known by its place, so the disk comes to lie over it, and a copy is put on it.
    let (disk, copy) = (stage.root(), home.join("copy"));
    if !can_mount(&disk) {
        return;
    }
    let (fix, wish) = (stage.planted(), stage.lesson("Decimal"));
    stage.run(&["accept", &fix]).ended(0);
    let before = documents(&stage.memory(""));
    let copied = Command::new("cp").arg("-a").args([&disk, &copy]).status().unwrap();
    assert!(copied.success());

    // What it should come to, on a disk with room.
    let calm = Stage::new();
    calm.run(&["accept", &fix]).ended(0);
    calm.run(&["apply", "--yes"]).ended(0);
    let after = documents(&calm.memory(""));
    assert_ne!(before, after);

    let mut seen = std::collections::BTreeSet::new();
    for room in [0, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512] {
        let out = home.join(format!("out-{room}"));
        fs::create_dir(&out).unwrap();
        // The cache and the memory are on the disk; `ballast` leaves as much room as wanted.
        let script = format!(
            "exec 2>'{out}/log'
             set -e
             cp -a '{copy}/.' '{disk}'
             w() {{ '{wakeful}' --config '{disk}/config.toml' --data-dir '{disk}/cache' \"$@\"; }}
             free() {{ df -k --output=avail '{disk}' | tail -1; }}
             leave() {{ dd if=/dev/zero of='{disk}/ballast' bs=1k count=$(( $(free) - $1 )) 2>/dev/null; }}
             leave {room}
             set +e
             w accept {wish} >'{out}/accept' 2>&1; echo $? >'{out}/accept.rc'
             w apply --yes >'{out}/apply' 2>&1; echo $? >'{out}/apply.rc'
             cp -r '{disk}/agents/shop-agent/memory' '{out}/full'
             rm '{disk}/ballast'
             w show {wish} --json >'{out}/wish.json'
             w apply --yes >'{out}/again' 2>&1; echo $? >'{out}/again.rc'
             w audit verify >'{out}/audit' 2>&1; echo $? >'{out}/audit.rc'
             w show {fix} --json >'{out}/fix.json'
             cp -r '{disk}/agents/shop-agent/memory' '{out}/room'",
            out = out.display(),
            copy = copy.display(),
            disk = disk.display(),
            wakeful = env!("CARGO_BIN_EXE_wakeful"),
        );
        let output = on_a_disk(&disk, 16_384, &script);
        let text = |name: &str| fs::read_to_string(out.join(name)).unwrap_or_default();
        let code = |name: &str| text(name).trim().to_owned();
        assert!(output.status.success(), "room {room}: {}", text("log"));

        // A decision is acknowledged and there, or refused and not there.
        let wish: serde_json::Value = serde_json::from_str(&text("wish.json")).unwrap();
        let taken = wish["lesson"]["state"] == "accepted" || wish["lesson"]["state"] == "applied";
        assert_eq!(code("accept.rc") == "0", taken, "room {room}: {}", text("accept"));
        if !taken {
            assert!(text("accept").contains("space"), "room {room}: {}", text("accept"));
        }

        // While full: every document is the one before or the one after, never half of one.
        let whole = |document: &(String, String)| {
            let (name, text) = document;
            let is = |all: &[(String, String)]| all.iter().any(|(other, old)| other == name && old == text);
            is(&before) || is(&after) || (taken && text.contains("Decimal"))
        };
        let full = documents(&out.join("full"));
        assert!(full.iter().all(whole), "room {room}: {full:#?}");

        // With room again, what was accepted is written, once, and the trail holds.
        assert_eq!(
            (code("again.rc"), code("audit.rc")),
            ("0".to_owned(), "0".to_owned()),
            "room {room}: {}{}",
            text("again"),
            text("audit")
        );
        let fix: serde_json::Value = serde_json::from_str(&text("fix.json")).unwrap();
        assert_eq!(fix["lesson"]["state"], "applied", "room {room}");
        let end = documents(&out.join("room"));
        if !taken {
            assert_eq!(end, after, "room {room}");
        }
        assert!(end.iter().any(|(name, text)| name == "MEMORY.md" && text.contains("make-db-create")));
        seen.insert((taken, code("apply.rc") == "0"));
    }
    // The sizes tried reach both ends, so the middle was tried too.
    assert!(seen.contains(&(false, false)) && seen.contains(&(true, true)), "{seen:?}");
}
