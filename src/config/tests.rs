use rstest::rstest;

use super::*;
use crate::domain::agent::{Budget, SourceKind};
use crate::domain::ids::AgentId;
use crate::domain::rules::Rules;

fn no_env(_: &str) -> Option<String> {
    None
}

fn env_of<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
}

fn texts(loaded: &Loaded) -> Vec<String> {
    loaded.warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn values_are_read_with_their_line() {
    let text =
        "[review]\nthreshold = 5\n\n[sources]\nfolders = [\"~/a\", \"/b\"]\n[screen]\ntheme = \"light\"\n";
    let loaded = Config::parse(text, &env_of(&[("HOME", "/home/reviewer")]));
    assert_eq!(loaded.warnings, vec![]);
    assert_eq!(loaded.config.threshold, Setting { value: 5, origin: Origin::File(2) });
    assert_eq!(*loaded.config.folders, [PathBuf::from("/home/reviewer/a"), PathBuf::from("/b")]);
    assert_eq!(*loaded.config.theme, ThemeChoice::Light);
    assert_eq!(loaded.config.lookback.origin, Origin::Default);
}

#[rstest]
#[case(
    "[review]\ntreshold = 5",
    "line 2: `review.treshold` is not a setting; did you mean `review.threshold`?"
)]
#[case("threshold = 5", "line 1: `threshold` is not a setting; did you mean `review.threshold`?")]
#[case("[reveiw]\nthreshold = 5", "line 1: `reveiw` is not a setting; did you mean `review`?")]
#[case("[inbox]\nthreshold = 5", "line 1: `inbox` is not a setting; did you mean `review.threshold`?")]
#[case(
    "[review]\nevidence_threshold = 5",
    "line 2: `review.evidence_threshold` is not a setting; did you mean `review.threshold`?"
)]
#[case(
    "[screen]\nsnooze-days = 5",
    "line 2: `screen.snooze-days` is not a setting; did you mean `review.snooze-days`?"
)]
#[case("thresold = 5", "line 1: `thresold` is not a setting; did you mean `review.threshold`?")]
#[case("[zzz]\na = 1", "line 1: `zzz` is not a setting; `wakeful config template` lists them all")]
#[case(
    "[review]\n\nthreshold = \"ten\"",
    "line 3: `review.threshold` was left out: needs a number, not a text"
)]
#[case("[dream]\nlookback = 0", "line 2: `dream.lookback` was left out: 0 is too small; the least is 1")]
#[case(
    "[screen]\ntheme = \"drak\"",
    "line 2: `screen.theme` was left out: `drak` is no theme; there are auto, dark, light, high-contrast, ansi16, mono"
)]
#[case(
    "[dream]\nevery = \"soon\"",
    "line 2: `dream.every` was left out: `soon` is no span of time; write for example \"12h\", \"1d\" or \"1w\""
)]
#[case("[agents.bot]\nmod = \"off\"", "line 2: `agents.bot.mod` is not a setting; did you mean `mode`?")]
#[case(
    "[agents.bot]\nmode = \"nightly\"",
    "line 2: `agents.bot.mode` was left out: `nightly` is no mode; use \"review\", \"off\" or \"auto\""
)]
fn unusable_keys_are_named_with_line_and_advice(#[case] text: &str, #[case] expected: &str) {
    let loaded = Config::parse(text, &no_env);
    assert_eq!(texts(&loaded), [expected]);
}

#[test]
fn one_bad_key_does_not_spoil_the_others() {
    let loaded = Config::parse("[review]\nthreshold = true\nsnooze-days = 3", &no_env);
    assert_eq!((*loaded.config.threshold, *loaded.config.snooze_days), (10, 3));
    assert_eq!(loaded.warnings.len(), 1);
}

#[test]
fn a_broken_line_costs_itself_and_a_broken_header_its_table() {
    let text = "[review]\nthreshold = 5\nsnooze-days = = 3\n[screen\nascii = true\n[dream]\nlookback = 7\n";
    let loaded = Config::parse(text, &no_env);
    assert_eq!((*loaded.config.threshold, *loaded.config.lookback), (5, 7));
    assert_eq!((*loaded.config.snooze_days, *loaded.config.ascii), (1, false));
    assert_eq!(loaded.config.lookback.origin, Origin::File(7));
    assert_eq!(loaded.warnings.iter().map(|warning| warning.line).collect::<Vec<_>>(), [Some(3), Some(4)]);
    assert!(loaded.warnings.iter().all(|warning| warning.text.contains("it was left out")));
}

#[test]
fn a_file_that_is_something_else_leaves_the_defaults_in_force() {
    let loaded = Config::parse(&"{ \"this\": is no TOML }\n".repeat(30), &no_env);
    assert_eq!(loaded.config, Config::default());
    assert_eq!(loaded.warnings.len(), 1);
    assert!(loaded.warnings[0].text.contains("the defaults apply"), "{:?}", loaded.warnings);
    let open = Config::parse("[review]\nthreshold = 5\nreviewer = \"\"\"reviewer\n", &no_env);
    assert_eq!(*open.config.threshold, 5, "{:?}", open.warnings);
}

#[test]
fn a_missing_file_is_no_fault_and_an_unreadable_one_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Config::load(&folder.path().join("config.toml"), &no_env);
    assert_eq!((missing.found, missing.warnings.len()), (false, 0));
    let unreadable = Config::load(folder.path(), &no_env);
    assert_eq!((unreadable.found, unreadable.warnings.len()), (true, 1));
}

#[test]
fn the_environment_fills_in_what_the_file_leaves_open() {
    let env = env_of(&[
        ("EDITOR", "nano"),
        ("VISUAL", "code -w"),
        ("USER", "reviewer"),
        ("NO_COLOR", "1"),
        ("CLAUDE_CONFIG_DIR", "/c"),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let config = Config::load(&path, &env).config;
    assert_eq!(config.editor.value.as_deref(), Some("code -w"));
    assert_eq!(config.reviewer.value, "reviewer");
    assert_eq!(config.theme.value, ThemeChoice::Mono);
    assert_eq!(config.claude_code.value, [PathBuf::from("/c")]);
    std::fs::write(
        &path,
        "[editor]\ncommand = \"hx\"\n[sources]\nclaude-code = [\"/d\"]\n[review]\nreviewer = \"second-reviewer\"",
    )
    .unwrap();
    let config = Config::load(&path, &env).config;
    assert_eq!(config.editor.value.as_deref(), Some("hx"));
    assert_eq!(config.reviewer.value, "second-reviewer");
    assert_eq!(config.claude_code.value, [PathBuf::from("/d")]);
}

#[test]
fn an_agent_gets_what_is_set_for_it() {
    let text = "[memory]\nprotected = [\"/all.md\"]\n[agents.Support-Bot]\nmode = \"off\"\nlookback = 7\ntokens = 9\nsegment = \"big\"\nprotected = [\"/own.md\"]\nevery = \"2w\"\nchecks = [\"make verify\"]\nreward = \"score\"\npass-mark = \"0.5\"";
    let loaded = Config::parse(text, &no_env);
    assert_eq!(loaded.warnings, vec![]);
    let config = loaded.config;
    let mut agent = Agent {
        id: AgentId::new("folder:support-bot"),
        name: "support-bot".to_owned(),
        source: SourceKind::Folder,
        sessions_at: String::new(),
        memory_at: String::new(),
        protected: vec!["/CLAUDE.md".to_owned()],
        segment: None,
        mode: Mode::Review,
        budget: Budget::default(),
        outcomes: crate::domain::outcome::Outcomes::default(),
    };
    config.apply_to(&mut agent);
    assert_eq!(agent.mode, Mode::Off);
    assert_eq!(agent.budget.store_tokens, 9);
    assert_eq!(agent.segment.as_deref(), Some("big"));
    assert_eq!(agent.protected, ["/CLAUDE.md", "/all.md", "/own.md"]);
    assert_eq!((config.lookback_of(&agent), config.every_hours_of(&agent)), (7, 336));
    assert_eq!(agent.outcomes.checks, ["make verify"]);
    assert_eq!((agent.outcomes.reward.as_str(), agent.outcomes.pass_mark), ("score", 500));
    agent.name = "other".to_owned();
    agent.id = AgentId::new("folder:other");
    assert_eq!((config.lookback_of(&agent), config.every_hours_of(&agent)), (50, 24));
}

#[test]
fn rules_are_set_for_all_and_for_one() {
    let text = "[rules]\nretire-after = 30\ndormant-days = 0\nproposals = 0\n[agents.bot]\nretire-after = 50\nretire-afer = 1";
    let loaded = Config::parse(text, &no_env);
    assert_eq!(
        texts(&loaded),
        [
            "line 4: `rules.proposals` was left out: 0 is too small; the least is 1",
            "line 7: `agents.bot.retire-afer` is not a setting; did you mean `retire-after`?"
        ]
    );
    let agent = |name: &str| Agent {
        id: AgentId::new(format!("folder:{name}")),
        name: name.to_owned(),
        source: SourceKind::Folder,
        sessions_at: String::new(),
        memory_at: String::new(),
        protected: vec![],
        segment: None,
        mode: Mode::Review,
        budget: Budget::default(),
        outcomes: crate::domain::outcome::Outcomes::default(),
    };
    let default = Rules::default();
    let all = Rules { retire_after: 30, dormant_days: 0, ..default };
    assert_eq!(loaded.config.rules_of(&agent("other")), all);
    assert_eq!(loaded.config.rules_of(&agent("bot")), Rules { retire_after: 50, ..all });
    assert_eq!(Config::default().rules_of(&agent("bot")), default);
    let shown = loaded.config.effective();
    let row = |key: &str| shown.iter().find(|row| row.0 == key).map(|row| (row.1.as_str(), row.2.clone()));
    assert_eq!(row("rules.retire-after"), Some(("30", Origin::File(2))));
    assert_eq!(row("rules.settled-days"), Some(("30", Origin::Default)));
}

#[test]
fn bindings_are_kept_for_the_keymap() {
    let loaded = Config::parse("[keys]\naccept = \"y\"\nreject = [\"n\", \"x\"]\nquit = 3", &no_env);
    assert_eq!(loaded.config.bindings["accept"].value, ["y"]);
    assert_eq!(loaded.config.bindings["reject"].value, ["n", "x"]);
    assert_eq!(texts(&loaded), ["line 4: `keys.quit` was left out: needs a list of texts, not a number"]);
}

#[test]
fn the_template_names_every_key_and_says_nothing_by_itself() {
    let loaded = Config::parse(TEMPLATE, &no_env);
    assert_eq!(texts(&loaded), Vec::<String>::new());
    assert_eq!(loaded.config, Config::default());
    // With every comment that holds a setting opened, all of them are understood.
    let open: String = TEMPLATE
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => rest,
            _ => line,
        })
        .collect::<Vec<_>>()
        .join("\n");
    let loaded = Config::parse(&open, &no_env);
    assert_eq!(texts(&loaded), Vec::<String>::new());
    let rows = loaded.config.effective();
    for key in KEYS {
        let (_, _, origin) = rows.iter().find(|(name, _, _)| name == key.name).unwrap();
        assert!(matches!(origin, Origin::File(_)), "{} is missing in the template", key.name);
    }
    // Apart from folders, names and the editor the template shows the defaults.
    for (name, value, _) in Config::default().effective() {
        if !["sources", "shared.memory", "shared.agents", "editor", "memory"]
            .iter()
            .any(|table| name.starts_with(table))
            && name != "review.reviewer"
        {
            let (_, shown, _) = rows.iter().find(|(other, _, _)| *other == name).unwrap();
            assert_eq!(*shown, value, "{name}");
        }
    }
}

#[test]
fn places_follow_flags_then_variables_then_the_system() {
    let env = env_of(&[
        ("HOME", "/home/reviewer"),
        ("XDG_CONFIG_HOME", "/x/config"),
        ("XDG_DATA_HOME", "relative"),
        ("XDG_STATE_HOME", "/x/state"),
    ]);
    let paths = Paths::find(None, None, &env).unwrap();
    assert_eq!(paths.config, PathBuf::from("/x/config/wakeful/config.toml"));
    assert_eq!(paths.state, PathBuf::from("/x/state/wakeful"));
    if cfg!(target_os = "linux") {
        assert_eq!(paths.database(), PathBuf::from("/home/reviewer/.local/share/wakeful/wakeful.db"));
    }
    let env =
        env_of(&[("HOME", "/home/reviewer"), ("WAKEFUL_CONFIG", "/w.toml"), ("WAKEFUL_DATA_DIR", "/w")]);
    let paths = Paths::find(None, None, &env).unwrap();
    assert_eq!(paths, Paths { config: "/w.toml".into(), data: "/w".into(), state: "/w/logs".into() });
    let paths = Paths::find(Some("/f.toml".into()), Some("/f".into()), &env).unwrap();
    assert_eq!(paths, Paths { config: "/f.toml".into(), data: "/f".into(), state: "/f/logs".into() });
}

#[test]
fn sources_on_the_command_line_replace_the_others() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("claude/projects")).unwrap();
    let mut config = Config::default();
    config.use_sources(&[folder.path().join("claude"), folder.path().join("plain")]);
    assert_eq!(*config.claude_code, [folder.path().join("claude")]);
    assert_eq!(*config.folders, [folder.path().join("plain")]);
}

#[test]
fn platform_profiles_are_read_and_keys_in_the_file_are_refused_unseen() {
    let text = "[platform.default]\n[platform.work]\nkey-file = \"~/k\"\nauth = \"x-api-key\"\nkey = \"sk-secret\"\n\
                ca-file = \"~/root.pem\"\n\
                [dream]\nmax-cost = \"2.50\"\nmax-cost-month = 40\nmax-share = 25\n";
    let loaded = Config::parse(text, &env_of(&[("HOME", "/home/reviewer")]));
    assert_eq!(
        texts(&loaded),
        [
            "line 5: `platform.work.key`: a key does not belong in this file; use key-env, key-command or key-file"
        ]
    );
    let config = loaded.config;
    assert_eq!(*config.platforms["default"], PlatformConfig::default());
    assert_eq!(config.platforms["work"].key_file.as_deref(), Some(Path::new("/home/reviewer/k")));
    assert_eq!(config.platforms["work"].ca_file.as_deref(), Some(Path::new("/home/reviewer/root.pem")));
    assert_eq!(config.platforms["work"].origin, Origin::File(2));
    assert_eq!(*config.max_cost, Some(Money::micros(2_500_000)));
    assert_eq!(*config.max_cost_month, Some(Money::micros(40_000_000)));
    assert_eq!(*config.max_share, Some(25));
    let shown = config.effective();
    assert!(shown.iter().any(|(key, value, _)| key == "dream.max-cost" && value == "\"2.50\""), "{shown:?}");
    assert!(!format!("{shown:?}").contains("sk-secret"));
}

#[cfg(not(feature = "keyring"))]
#[test]
fn a_keyring_is_refused_in_plain_words_where_it_is_not_built_in() {
    let loaded = Config::parse("[platform.work]\nkeyring = \"claude\"\nkey-env = \"K\"\n", &env_of(&[]));
    let [told] = texts(&loaded).try_into().unwrap_or_else(|told: Vec<String>| panic!("{told:?}"));
    assert!(
        told.contains("line 2: `platform.work.keyring`") && told.contains("--features keyring"),
        "{told}"
    );
    // The rest of the profile stands.
    assert_eq!(loaded.config.platforms["work"].key_env.as_deref(), Some("K"));
}

#[rstest]
#[case("[dream]\nmax-cost = 0.5\nmax-cost-month = 1", 500_000, 1_000_000)]
#[case("dream.max-cost = \"$0.50\"\ndream.max-cost-month = 12.25", 500_000, 12_250_000)]
#[case("dream = { lookback = 9, max-cost = 0.5, max-cost-month = 1.0 }", 500_000, 1_000_000)]
fn caps_are_amounts_of_dollars_with_or_without_quotes(
    #[case] text: &str,
    #[case] pass: u64,
    #[case] month: u64,
) {
    let loaded = Config::parse(text, &no_env);
    assert_eq!(texts(&loaded), [""; 0]);
    assert_eq!(*loaded.config.max_cost, Some(Money::micros(pass)));
    assert_eq!(*loaded.config.max_cost_month, Some(Money::micros(month)));
    assert_eq!(loaded.config.unread_cap, None);
}

#[rstest]
#[case("[dream]\nmax-cost = -1")]
#[case("[dream]\nmax-cost = true")]
#[case("[dream]\nmax-cost = \"cheap\"")]
#[case("[dream]\nmax-cost = 0,5")]
#[case("[dream]\nmax-costs = 0.5")]
#[case("max-cost = 0.5")]
#[case("[draem]\nmax-cost = 0.5")]
#[case("[dream\nmax-cost = 0.5")]
#[case("[platform.default]\nmax_cost = 0.5")]
#[case("[agents.bot]\nmax-cost = 0.5")]
#[case("dream = { max-cost = true }")]
fn a_cap_that_is_lost_is_known_to_be_lost(#[case] text: &str) {
    let loaded = Config::parse(text, &no_env);
    assert!(!loaded.warnings.is_empty());
    let told = loaded.config.unread_cap.unwrap_or_default();
    assert!(told.contains(&format!("line {} of", text.lines().count())), "{told}");
}

#[test]
fn other_slips_and_comments_keep_no_dream_from_starting() {
    let text = "[dream]\n# max-cost = 1\nmax-share = 200\nlokback = 3\nmodel = \"x\"\n[agents.bot]\npass-mark = 0.5\n";
    let loaded = Config::parse(text, &no_env);
    assert_eq!((loaded.warnings.len(), loaded.config.unread_cap), (2, None));
    assert_eq!(loaded.config.agents["bot"].pass_mark, Some(500));
}

#[rstest]
#[case("[dream]\nmax-cost = \"cheap\"", "is no amount of dollars")]
#[case("[dream]\nmax-share = 200", "more than 100")]
#[case("[platform.default]\nauth = \"basic\"", "no way to send a key")]
#[case("[platform.default]\nbase-ur = \"x\"", "did you mean `base-url`")]
#[case("[platform]\ndefault = 1", "needs to be a table")]
fn unusable_platform_settings_are_named(#[case] text: &str, #[case] expected: &str) {
    let warnings = texts(&Config::parse(text, &no_env));
    assert!(warnings.len() == 1 && warnings[0].contains(expected), "{warnings:?}");
}

#[test]
fn theme_files_beside_the_configuration_can_be_chosen_and_wrong_names_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::create_dir(folder.path().join("themes")).unwrap();
    std::fs::write(folder.path().join("themes/meadow.toml"), "[dark.roles]\n").unwrap();
    std::fs::write(folder.path().join("themes/notes.txt"), "not a theme").unwrap();
    // Without a configuration they are there as well.
    let loaded = Config::load(&file, &no_env);
    let names: Vec<&str> = loaded.config.themes.iter().map(|theme| theme.name.as_str()).collect();
    assert_eq!((names, loaded.found), (vec!["meadow"], false));
    std::fs::write(&file, "[screen]\ntheme = \"meadow\"\n").unwrap();
    let loaded = Config::load(&file, &no_env);
    assert_eq!(*loaded.config.theme, ThemeChoice::Own("meadow".to_owned()));
    assert_eq!(loaded.warnings, []);
    std::fs::write(&file, "[screen]\nascii = 3\ntheme = \"medow\"\n").unwrap();
    let loaded = Config::load(&file, &no_env);
    assert_eq!(*loaded.config.theme, ThemeChoice::Auto);
    let said: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert!(said[1].starts_with("line 3: `screen.theme` was left out: `medow` is no theme"), "{said:?}");
    assert!(said[1].ends_with("mono, meadow"), "{said:?}");
}
