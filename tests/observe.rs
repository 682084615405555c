//! The log and the report after a fault, as files on a disk. Both install something global, so each
//! has a single test here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::Arc;

use wakeful::domain::clock::FixedClock;
use wakeful::guard::secrets;
use wakeful::observe;

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new("2026-03-01T02:03:04Z".parse().unwrap()))
}

fn read_all(folder: &std::path::Path, part: &str) -> String {
    std::fs::read_dir(folder)
        .unwrap()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().contains(part))
        .map(|entry| std::fs::read_to_string(entry.path()).unwrap())
        .collect()
}

#[test]
fn logs_are_scrubbed_and_private() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("state/logs");
    let log = observe::start(&logs, Some("info"), clock(), secrets::redact).unwrap();
    tracing::info!(answer = "password=Zx81kk20", "read \u{1b}]0;evil\u{7} session");
    tracing::debug!("below the level");
    tracing::debug!(target: "wakeful::source::platform", at = %"GET /v1/agents", status = 200_u64, ms = 9_u64, "asked");
    assert!(matches!(
        observe::start(&logs, None, clock(), secrets::redact),
        Err(observe::ObserveError::Twice)
    ));
    let requests = log.requests().latest();
    assert_eq!(requests.len(), 1, "requests are kept whatever the level of the file");
    assert_eq!((requests[0].what.as_str(), requests[0].status), ("GET /v1/agents", Some(200)));
    drop(log);
    let text = read_all(&logs, "wakeful");
    assert!(!text.contains("/v1/agents"), "{text}");
    assert!(text.contains("[masked password]"), "{text}");
    assert!(!text.contains("Zx81kk20") && !text.contains('\u{1b}') && !text.contains("below the level"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&logs).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn a_fault_leaves_a_report_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let clock = FixedClock::new("2026-03-01T02:03:04Z".parse().unwrap());
    let usual = std::panic::take_hook();
    observe::install_panic_report(folder.path().to_owned(), Arc::new(clock), secrets::redact);
    let result = std::thread::spawn(|| panic!("lost password=Zx81kk20 \u{1b}[31m")).join();
    std::panic::set_hook(usual);
    assert!(result.is_err());
    let report = read_all(folder.path(), "fault-20260301T020304Z");
    assert!(report.starts_with("wakeful "), "{report}");
    assert!(report.contains("message: lost password=[masked password]"), "{report}");
    assert!(!report.contains("Zx81kk20") && !report.contains('\u{1b}'));
}

#[test]
fn a_folder_that_can_not_be_made_is_said() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = observe::start(&file.path().join("logs"), None, clock(), secrets::redact).err().unwrap();
    assert!(error.to_string().contains("works without it"), "{error}");
}
