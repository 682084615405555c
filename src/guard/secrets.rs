//! Finds passwords, keys and tokens, and masks them.
//!
//! Owns: the search over the rules of `assets/guards/secrets.toml`. Must not know: where the text
//! comes from. What it says about a secret never contains any part of the secret.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::AhoCorasick;
use regex::Regex;
use serde::Deserialize;
use unicode_segmentation::GraphemeCursor;

use super::{arguments, line_of, mark};
use crate::domain::lesson::{Mark, Severity};

/// A secret that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Id of the rule: `github-token`.
    pub kind: &'static str,
    /// The kind in words, with its article: `a GitHub token`.
    pub title: &'static str,
    /// Where it is.
    pub span: Range<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    placeholders: Vec<String>,
    fillers: Vec<String>,
    rule: Vec<RuleText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    id: String,
    title: String,
    keywords: Vec<String>,
    pattern: String,
    #[serde(default)]
    entropy: f64,
    #[serde(default)]
    mixed: bool,
    #[serde(default)]
    random: bool,
    #[serde(default)]
    argument: bool,
    #[serde(default)]
    short: bool,
}

struct Rule {
    text: RuleText,
    /// Compiled at first need: most texts need none of them.
    pattern: OnceLock<Option<Regex>>,
}

struct Rules {
    placeholders: Vec<String>,
    fillers: Vec<String>,
    all: Vec<Rule>,
    /// All keywords of all rules; `owners` says whose each is.
    keywords: Option<AhoCorasick>,
    owners: Vec<usize>,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    // The file is part of the program and a test reads it, so an error can't reach a user.
    let file: RuleFile = toml::from_str(include_str!("../../assets/guards/secrets.toml"))
        .unwrap_or(RuleFile { placeholders: Vec::new(), fillers: Vec::new(), rule: Vec::new() });
    let mut words = Vec::new();
    let mut owners = Vec::new();
    for (index, rule) in file.rule.iter().enumerate() {
        for keyword in &rule.keywords {
            words.push(keyword.clone());
            owners.push(index);
        }
    }
    let keywords = AhoCorasick::builder().ascii_case_insensitive(true).build(&words).ok();
    let all = file.rule.into_iter().map(|text| Rule { text, pattern: OnceLock::new() }).collect();
    Rules { placeholders: file.placeholders, fillers: file.fillers, all, keywords, owners }
});

impl Rules {
    /// Rules one of whose keywords stands in the text, in file order.
    fn candidates(&'static self, text: &str) -> impl Iterator<Item = &'static Rule> {
        let mut wanted = vec![false; self.all.len()];
        if let Some(keywords) = &self.keywords {
            for hit in keywords.find_overlapping_iter(text) {
                if let Some(flag) =
                    self.owners.get(hit.pattern().as_usize()).and_then(|&rule| wanted.get_mut(rule))
                {
                    *flag = true;
                }
            }
        }
        self.all.iter().zip(wanted).filter_map(|(rule, wanted)| wanted.then_some(rule))
    }

    /// Whether a value is a stand-in that people write where a secret would be.
    fn is_placeholder(&self, value: &str) -> bool {
        let value = value.to_ascii_lowercase();
        let mut distinct: Vec<char> = value.chars().collect();
        distinct.sort_unstable();
        distinct.dedup();
        distinct.len() < 3
            || self.fillers.contains(&value)
            || self.placeholders.iter().any(|word| value.starts_with(word) || value.ends_with(word))
    }
}

impl Rule {
    fn regex(&self) -> Option<&Regex> {
        self.pattern.get_or_init(|| Regex::new(&self.text.pattern).ok()).as_ref()
    }
}

/// Every secret in a text, in order, without overlaps.
#[must_use]
pub fn find(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for rule in RULES.candidates(text) {
        let Some(regex) = rule.regex() else { continue };
        for captures in regex.captures_iter(text) {
            let named = captures.name("secret").or_else(|| captures.name("behind"));
            let Some(hit) = named.or_else(|| captures.get(0)) else { continue };
            let value = hit.as_str();
            let plain = value.len() <= 200 && RULES.is_placeholder(value);
            let dull = rule.text.entropy > 0.0 && entropy(value) < rule.text.entropy;
            let uniform =
                rule.text.mixed && !has_letters_and_digits(value) || rule.text.random && !looks_random(value);
            let other = rule.text.argument && arguments::is_no_secret(value)
                || rule.text.short && !arguments::is_password_at(text, hit.range());
            let taken =
                found.iter().any(|other| other.span.start < hit.end() && hit.start() < other.span.end);
            if !(plain || dull || uniform || other || taken) {
                found.push(Found { kind: &rule.text.id, title: &rule.text.title, span: hit.range() });
            }
        }
    }
    found.sort_by_key(|found| found.span.start);
    found
}

/// Name of the marks made here.
pub const GUARD: &str = "secret";

/// The text with every secret replaced by a placeholder that names its kind, such as
/// `[masked github-token]`. Text without secrets is returned as it is.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    let found = find(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for secret in found {
        out.push_str(text.get(from..secret.span.start).unwrap_or_default());
        out.push_str(&placeholder(secret.kind));
        from = secret.span.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// Text looked at on either side of a stretch for secrets that reach into it: the longest have a few lines.
const REACH: usize = 8 * 1024;

/// A stretch of a text as it may be kept: whole characters as a reader sees them, every secret masked. One that
/// reaches over an end is masked whole: cut in two, neither half would be known for what it is.
#[must_use]
pub fn excerpt(text: &str, range: Range<usize>) -> String {
    let from = text.floor_char_boundary(range.start.saturating_sub(REACH));
    let to = text.ceil_char_boundary(range.end.saturating_add(REACH));
    let around = text.get(from..to).unwrap_or_default();
    let start = grapheme_before(around, range.start.saturating_sub(from));
    let end = grapheme_before(around, range.end.saturating_sub(from)).max(start);
    let mut out = String::with_capacity(end - start);
    let mut at = start;
    for secret in find(around).into_iter().filter(|found| found.span.start < end && start < found.span.end) {
        out.push_str(around.get(at..secret.span.start).unwrap_or_default());
        out.push_str(&placeholder(secret.kind));
        at = secret.span.end;
    }
    out.push_str(around.get(at..end).unwrap_or_default());
    out
}

/// The nearest place at or before `at` where no character as a reader sees it is cut.
fn grapheme_before(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    match cursor.is_boundary(text, 0) {
        Ok(false) => cursor.prev_boundary(text, 0).ok().flatten().unwrap_or(0),
        _ => at,
    }
}

fn placeholder(kind: &str) -> String {
    format!("{MASK}{kind}]")
}

/// What every placeholder begins with.
const MASK: &str = "[masked ";

/// Whether a secret was masked in a text: what is left of it says something else than was said.
#[must_use]
pub fn is_masked(text: &str) -> bool {
    text.contains(MASK)
}

/// Marks a lesson whose text holds a secret, or a mask where one was. Blocks: it can't be applied until it is
/// edited out.
#[must_use]
pub fn check(inserted: &str, statement: &str) -> Vec<Mark> {
    let mut seen: Vec<&str> = Vec::new();
    let mut marks = Vec::new();
    for secret in find(inserted) {
        if !seen.contains(&secret.kind) {
            seen.push(secret.kind);
            let line = line_of(inserted, secret.span.start);
            let text =
                format!("holds what looks like {} (line {line} of the new text); edit it out", secret.title);
            marks.push(mark(GUARD, Severity::Block, text));
        }
    }
    if is_masked(inserted) || is_masked(statement) {
        let text = "rests on a secret, which is masked in it; say it without";
        marks.push(mark(GUARD, Severity::Block, text.to_owned()));
    }
    for secret in find(statement) {
        if !seen.contains(&secret.kind) {
            seen.push(secret.kind);
            let text = format!("its statement holds what looks like {}", secret.title);
            marks.push(mark(GUARD, Severity::Block, text));
        }
    }
    marks
}

fn has_letters_and_digits(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_digit()) && value.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Whether capitals, small letters and digits follow each other as only chance puts them: people change between them
/// at the ends of words, and most of what they write are words.
fn looks_random(value: &str) -> bool {
    let class = |byte: &u8| match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 0,
    };
    let runs: Vec<&[u8]> = value.as_bytes().chunk_by(|one, next| class(one) == class(next)).collect();
    let has = |wanted: i32| runs.iter().any(|run| run.first().map(class) == Some(wanted));
    let in_words: usize = runs
        .iter()
        .filter(|run| run.len() >= 3 && run.first().map(class) == Some(1))
        .map(|run| run.len())
        .sum();
    (1..=3).all(has) && runs.len() * 3 >= value.len() && in_words * 5 < value.len() * 2
}

/// Shannon entropy in bits per character.
fn entropy(value: &str) -> f64 {
    let mut counts = std::collections::BTreeMap::new();
    let mut total = 0_u32;
    for c in value.chars() {
        *counts.entry(c).or_insert(0_u32) += 1;
        total += 1;
    }
    let total = f64::from(total.max(1));
    counts
        .values()
        .map(|&count| {
            let share = f64::from(count) / total;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_rule_file_is_sound() {
        let file: RuleFile = toml::from_str(include_str!("../../assets/guards/secrets.toml")).unwrap();
        assert!(file.rule.len() > 60);
        let mut ids: Vec<&str> = file.rule.iter().map(|rule| rule.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), file.rule.len(), "ids are unique");
        for rule in &file.rule {
            assert!(Regex::new(&rule.pattern).is_ok(), "{}", rule.id);
            assert!(!rule.keywords.is_empty(), "{}", rule.id);
            assert!(rule.keywords.iter().all(|word| *word == word.to_lowercase()), "{}", rule.id);
        }
    }

    /// Fake secrets are put together here so that no scanner takes this file for a leak.
    fn fake(prefix: &str, length: usize) -> String {
        let alphabet = b"aZ3kQ9bX7mW2cV5nT8dR4pL6fS1gHj";
        let body: String =
            (0..length).map(|i| char::from(alphabet[(i * 7 + i / 5) % alphabet.len()])).collect();
        format!("{prefix}{body}")
    }

    fn hex(prefix: &str, length: usize) -> String {
        let body: String =
            (0..length).map(|i| char::from_digit(((i * 7 + i / 3) % 16) as u32, 16).unwrap()).collect();
        format!("{prefix}{body}")
    }

    #[rstest]
    #[case("anthropic-key", fake("sk-ant-api03-", 40))]
    #[case("openai-key", fake("sk-proj-", 40))]
    #[case("github-token", fake("ghp_", 36))]
    #[case("github-token", fake("github_pat_", 60))]
    #[case("gitlab-token", fake("glpat-", 20))]
    #[case("slack-token", fake("xoxb-123456789012-", 24))]
    #[case("aws-access-key-id", "AKIA2QLMZX7RTBNW5KDP".to_owned())]
    #[case("google-api-key", fake("AIza", 35))]
    #[case("stripe-key", fake("sk_live_", 24))]
    #[case("npm-token", fake("npm_", 36))]
    #[case("huggingface-token", fake("hf_", 34))]
    #[case("sendgrid-key", format!("{}.{}", fake("SG.", 22), fake("", 43)))]
    #[case("digitalocean-token", hex("dop_v1_", 64))]
    #[case("shopify-token", hex("shpat_", 32))]
    #[case("jwt", format!("{}.{}.{}", fake("eyJ", 20), fake("eyJ", 30), fake("", 30)))]
    #[case("private-key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----".to_owned())]
    #[case("private-key", "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKC cut off here".to_owned())]
    fn known_forms_are_found_and_masked(#[case] kind: &str, #[case] secret: String) {
        let text = format!("Set it with {secret}\nand go on.");
        let found = find(&text);
        assert_eq!(found.iter().map(|found| found.kind).collect::<Vec<_>>(), [kind], "{text}");
        let masked = redact(&text);
        assert!(masked.contains(&format!("[masked {kind}]")));
        assert!(!masked.contains(&secret[secret.len() / 2..]));
        assert!(find(&masked).is_empty(), "a placeholder is no secret: {masked}");
    }

    #[rstest]
    #[case("url-password", "postgres://app:s3cr3tPw9@db.internal:5432/app", "s3cr3tPw9")]
    #[case("password", "password = \"hunter2x\"", "hunter2x")]
    #[case("password", "DB_PASSWORD: qT7wLp02", "qT7wLp02")]
    #[case("password", "the admin password is Zx81kk20", "Zx81kk20")]
    #[case("password-in-words", "sign in with the password tulip7-Vq81zk20.", "tulip7-Vq81zk20")]
    #[case("secret-value", "api_key=9f8Zq2LmX0aPw7Tr", "9f8Zq2LmX0aPw7Tr")]
    #[case("secret-value", "\"client_secret\": \"Qm3x_91LpZr7Wd-0kT\"", "Qm3x_91LpZr7Wd-0kT")]
    #[case("command-line-password", "mysql --password=rT5x9Kq2 app", "rT5x9Kq2")]
    #[case("authorization-header", "Authorization: Bearer 8fK2mQ0zXw71Tb", "8fK2mQ0zXw71Tb")]
    #[case(
        "aws-secret-key",
        "aws_secret_access_key = wJ7rXUtnF3MI9K7MDqENGhbPx2RfiCYzLM8aKEY1",
        "wJ7rXUtnF3MI9K7MDqENGhbPx2RfiCYzLM8aKEY1"
    )]
    #[case(
        "user-and-password",
        "curl -u admin:Zx9-Correct-Horse-01 https://a.example.net/x",
        "Zx9-Correct-Horse-01"
    )]
    #[case("user-and-password", "curl -su 'admin:Zx9-Corr' https://a.example.net/x", "Zx9-Corr")]
    #[case("user-and-password", "curl --user admin:correcthorse https://a.example.net/x", "correcthorse")]
    #[case("user-and-password", "curl -X POST 'https://a.example.net/?a=1&b=2' --user=admin:q7Tw", "q7Tw")]
    #[case("user-and-password", "smbclient //h/share -U bob%Zx9Correct", "Zx9Correct")]
    #[case("attached-password", "mysql -u root -pZx9CorrectHorse04 -h db shop", "Zx9CorrectHorse04")]
    #[case("attached-password", "mysqldump -uroot -p'correct horse' shop", "correct")]
    #[case("attached-password", "mysql -p1Zx9q shop", "1Zx9q")]
    #[case("short-option-password", "docker login -u bob -p Zx9-Correct reg.example.net", "Zx9-Correct")]
    #[case("short-option-password", "oc login -u bob -p correcthorse https://o.example.net", "correcthorse")]
    #[case("short-option-password", "redis-cli -h db -a Zx9-Correct-Horse-13 ping", "Zx9-Correct-Horse-13")]
    #[case("short-option-password", "mongosh -u bob -p Zx9Correct", "Zx9Correct")]
    #[case("command-line-password", "acme up --passphrase Zx9Corr", "Zx9Corr")]
    #[case("command-line-password", "acme up --db-password=Zx9-Corr", "Zx9-Corr")]
    #[case("command-line-password", "acme up --auth bob:Zx9Corr", "bob:Zx9Corr")]
    #[case("command-line-password", "acme up -pass Zx9Corr --now", "Zx9Corr")]
    #[case("openssl-password", "openssl rsa -passin pass:correct -in key.pem", "correct")]
    #[case("password-option", "acme up --password correcthorse --now", "correcthorse")]
    #[case("password-option", "acme up --passwd=correcthorse now", "correcthorse")]
    #[case("password-option", "Pass `--password correcthorse` to `acme up`.", "correcthorse")]
    #[case("pin-option", "vpnctl up --pin 4711", "4711")]
    #[case("pin-option", "npm publish --otp=903214", "903214")]
    #[case("pin-option", "acme login --code 903214", "903214")]
    #[case("pin-option", "acme login --mfa-code '903214'", "903214")]
    #[case("pin-option", "docker run -e DB_PIN=4711 acme", "4711")]
    #[case("argument-password", "vaultx open -p S3cretPw1x", "S3cretPw1x")]
    #[case("argument-password", "cd git && vaultx open -p 'S3cretPw1x' now", "S3cretPw1x")]
    #[case("argument-password", "Pass `-p S3cretPw1x` to `vaultx open`.", "S3cretPw1x")]
    #[case("argument-password", "vaultx open -pS3cretPw1x", "S3cretPw1x")]
    #[case("argument-password", "plink -pw k3x9qq1z host", "k3x9qq1z")]
    #[case("argument-password", "ssh host vaultx -p hunter2! open", "hunter2!")]
    #[case("argument-password", "acme -u admin:S3cretPw1x up", "S3cretPw1x")]
    #[case("argument-password", "http -a admin:S3cretPw1x https://a.example.net", "S3cretPw1x")]
    #[case("token-argument", "zk auth Zk9pQ7wLm3vXt5RbN8cK2dHs6GyJ4fTa", "Zk9pQ7wLm3vXt5RbN8cK2dHs6GyJ4fTa")]
    #[case("token-argument", "run `acme login --with 'q7Rt-Lm3vXt5RbN8cK2d'`.", "q7Rt-Lm3vXt5RbN8cK2d")]
    #[case(
        "token-argument",
        "ngrok config add-authtoken 2Zk9pQ7wLm3vXt5RbN8c_K2dHs6",
        "2Zk9pQ7wLm3vXt5RbN8c_K2dHs6"
    )]
    #[case("token-argument", "acme login bob Zk9pQ7wLm3vXt5RbN8cK", "Zk9pQ7wLm3vXt5RbN8cK")]
    #[case(
        "hex-token",
        "acme token 3f786850e387550fdab836ed7e6dc881de23001b",
        "3f786850e387550fdab836ed7e6dc881de23001b"
    )]
    fn values_after_a_name_are_found(#[case] kind: &str, #[case] text: &str, #[case] secret: &str) {
        let found = find(text);
        assert_eq!(found.iter().map(|found| found.kind).collect::<Vec<_>>(), [kind], "{text}");
        assert_eq!(&text[found[0].span.clone()], secret);
        assert!(!redact(text).contains(secret));
    }

    #[rstest]
    #[case("password = os.environ[\"DB_PASSWORD\"]")]
    #[case("password: ${{ secrets.DEPLOY_PASSWORD }}")]
    #[case("const token = await getToken(user1);")]
    #[case("password=<your password>")]
    #[case("Passwords must be at least 12 characters long.")]
    #[case("The password is required for step2.")]
    #[case("Reset the password before 2026-03-02, then tell them.")]
    #[case("a password manager and the password policy of 2026")]
    #[case("api_key = config.get('api_key_v2')")]
    #[case("token: string; secret: Secret<String>")]
    #[case("Set ANTHROPIC_API_KEY in the environment, never in a file.")]
    #[case("The key starts with sk-ant- and the old ones with ghp_.")]
    #[case("postgres://user:password@localhost/app")]
    #[case("postgres://$USER:$PASS@localhost/app")]
    #[case("https://example.org:8080/a@b")]
    #[case("AKIAIOSFODNN7EXAMPLE")]
    #[case("commit 3f786850e387550fdab836ed7e6dc881de23001b")]
    #[case("sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    #[case("uuid 8d7f0c52-3f0e-4d55-9a61-0c6f9a1f2b11")]
    #[case("Use the token bucket with token_limit = 12000000000000")]
    #[case("-----BEGIN PUBLIC KEY-----\nMIIBIjANBg\n-----END PUBLIC KEY-----")]
    #[case("Authorization: Bearer <token>")]
    #[case("[masked github-token] and password: [masked password]")]
    #[case("The secret is to run tests first.")]
    #[case("token = refresh_token_from_session")]
    #[case("curl -u \"$USER:$PASS\" https://a.example.net/x")]
    #[case("curl -u user:<password> https://a.example.net/x")]
    #[case("curl -u user:password https://a.example.net/x")]
    #[case("curl -u user https://a.example.net:8443/x")]
    #[case("docker run --name mysql -p3306:3306 mysql:8.0")]
    #[case("docker run -p 3306:3306 mysql")]
    #[case("mysql -u root -p shop")]
    #[case("ssh -p 2222 host && docker run -p 80:80 acme && psql -p 5432")]
    #[case("mkdir -p Sprint2Notes && cargo test -p Serde2Json && git log -p Button2Test")]
    #[case("Pass `-p Serde2Json` to `cargo test`.")]
    #[case("npx -p node@18 node && virtualenv -p python3.11 v && acme -p staging2")]
    #[case("docker compose -p web2 up && acme -p k8s-e2e -p v1beta1 -p main2.rs")]
    #[case("docker run -u 1000:1000 acme && chown -R app:Group1 x")]
    #[case("gpio write --pin 17 && gpio write --pin GPIO17")]
    #[case("acme run --exit-code 1 --code 404 --max-token 40960 --token-file token2.txt")]
    #[case("docker build --secret id=npmrc2,src=.npmrc2 .")]
    #[case("acme up --credentials creds2.json --token ./token2 --auth basic")]
    #[case("acme up --password \"$PASSWORD\" --pass-file x1y2z3 --no-password")]
    #[case("Use --password with care, and --password-stdin in scripts.")]
    #[case("ffmpeg -i a.mp4 -pass 2 -pix_fmt yuv420p10le b.mp4")]
    #[case("pytest -p no:cacheprovider && uv run -p python3 x && kill -p 1234")]
    #[case("tests pass:12345 and -profile2X")]
    #[case("mysql && mkdir -p build/out")]
    #[case("docker login -u bob --password-stdin reg.example.net")]
    #[case("redis-cli -p 6379 ping")]
    #[case("mongosh -port 27017")]
    #[case("zip -r out.zip src -x node_modules")]
    #[case("git log login 3f786850e387550fdab836ed7e6dc881de23001b")]
    #[case("git show auth\n3f786850e387550fdab836ed7e6dc881de23001b fix")]
    #[case("fix the login 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    #[case("acme auth 8d7f0c52-3f0e-4d55-9a61-0c6f9a1f2b11")]
    #[case("npm install auth @types/passport-oauth2-client-password@0.1.7-beta.2")]
    #[case("cat auth src/Login2Page/OAuth2CallbackViewV3.tsx")]
    #[case("grep -rn login OAuth2AuthenticationTokenProvider src")]
    #[case("npx jest login SignInWithOAuth2AndRefreshTokenTest")]
    #[case("docker login registry-1.docker-mirror.example.net")]
    #[case("auth customer-portal-backend-service-v2-20260301")]
    #[case(
        "the token iVBORw0KGgo/AAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )]
    #[case("author of token_bucket_limiter_for_api_v2_requests")]
    fn look_alikes_are_left_alone(#[case] text: &str) {
        assert_eq!(find(text), vec![], "{text}");
        assert!(matches!(redact(text), Cow::Borrowed(_)));
    }

    #[test]
    fn a_secret_is_masked_wherever_a_stretch_is_cut() {
        let key = fake("ghp_", 36);
        let text = format!("Set it with {key} and go on, 👩\u{200d}💻 e\u{301}.");
        for start in 0..=text.len() {
            for end in start..=text.len() {
                let shown = excerpt(&text, start..end);
                let inside = shown.replace("[masked github-token]", "");
                assert!(
                    !inside.contains(&key[4..8]) && !inside.contains(&key[34..]),
                    "{start}..{end}: {shown}"
                );
                assert!(
                    !shown.starts_with(['\u{200d}', '\u{301}']) && !shown.ends_with('\u{200d}'),
                    "{shown}"
                );
                assert!(!shown.ends_with(" e"), "{shown}");
            }
        }
        assert_eq!(excerpt(&text, 0..11), "Set it with".to_owned());
        assert_eq!(excerpt(&text, 0..text.len()), redact(&text));
    }

    #[test]
    fn several_secrets_and_unicode_around_them() {
        let key = fake("ghp_", 36);
        let text = format!("ключ «{key}» и пароль password=Zx81kk20 — конец 🎉");
        assert_eq!(
            redact(&text),
            "ключ «[masked github-token]» и пароль password=[masked password] — конец 🎉"
        );
    }

    #[test]
    fn a_lesson_with_a_mask_in_it_cannot_be_applied() {
        for text in ["Use `TOKEN=[masked github-token]` here.", "Use `TOKEN=[masked github-token` here."] {
            let marks = check(text, text);
            assert_eq!(marks.len(), 1, "{text}");
            assert_eq!((marks[0].guard.as_str(), marks[0].severity), ("secret", Severity::Block));
        }
        assert_eq!(check("Secrets are [masked] in logs.", ""), []);
    }

    #[test]
    fn the_mark_says_kind_and_line_but_not_the_value() {
        let marks = check("one\ntwo\npassword = Zx81kk20", "");
        assert_eq!(marks.len(), 1);
        assert_eq!(marks[0].severity, Severity::Block);
        assert_eq!(marks[0].text, "holds what looks like a password (line 3 of the new text); edit it out");
    }
}
