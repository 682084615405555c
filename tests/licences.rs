//! Every crate the program is built from comes under a licence that its own (MIT or Apache-2.0) goes
//! with. `deny.toml` says the same to those who have cargo-deny; this needs nothing but cargo.
use std::process::Command;

/// Licences that ask for no more than keeping their text. MPL-2.0 asks for the source of the files it
/// covers, which the package index provides; those crates are used unchanged.
const GOOD: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "Zlib",
    "0BSD",
    "CC0-1.0",
    // For data: the bundled root certificates.
    "CDLA-Permissive-2.0",
    "Unlicense",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "MPL-2.0",
    "WTFPL",
];

/// Whether a licence expression leaves a good choice: one good side of an OR, both of an AND.
fn is_good(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
    // In the expressions that occur, AND binds groups in brackets that are all good or all not, so
    // reading AND as the weaker operator never lets a bad licence through.
    expression.split(" AND ").all(|part| {
        part.split(" OR ").any(|licence| {
            let licence = licence.split_whitespace().collect::<Vec<_>>().join(" ");
            GOOD.contains(&licence.as_str())
        })
    })
}

#[test]
fn expressions_are_understood() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "LGPL-2.1 OR MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 / MIT",
    ] {
        assert!(is_good(good), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "GPL-3.0 OR AGPL-3.0", ""] {
        assert!(!is_good(bad), "{bad}");
    }
}

#[test]
fn every_dependency_has_a_licence_that_fits() {
    let host = Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "only {} packages were listed", packages.len());
    let bad: Vec<String> = packages
        .iter()
        .filter(|package| !is_good(package["license"].as_str().unwrap_or_default()))
        .map(|package| format!("{}: {}", package["name"], package["license"]))
        .collect();
    assert!(bad.is_empty(), "licences to look at:\n{}", bad.join("\n"));
}
