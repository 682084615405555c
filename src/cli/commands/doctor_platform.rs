//! The platform's part of `wakeful doctor`: key, address, access, clock, certificates.

use super::super::context::Context;
use super::doctor::{Check, note, ok, problem};
use crate::source::Sources;
use crate::source::platform::{Checked, Platform, PlatformError, RefusalKind};

/// How far this machine's clock may be off before it is worth a word, in seconds.
const OFF: i64 = 120;

/// Checks every profile with a few small requests.
pub fn check(context: &Context<'_>, sources: &Sources, checks: &mut Vec<Check>) {
    for settings in &context.profiles {
        let key = settings.key.describe();
        // Why one can't be used is among the sources' problems.
        if let Some(platform) = sources.platform(&settings.profile) {
            profile(platform, &key, checks);
        }
    }
    if !context.profiles.is_empty() {
        let own = context.profiles.iter().any(|settings| settings.ca_file.is_some());
        let text = "the built-in roots are used beside those of the system";
        checks.push(ok("certificates", if own { format!("{text} and of ca-file") } else { text.to_owned() }));
        let (options, unusable) = context.platform_options();
        match unusable {
            Some(text) => checks.push(problem("prices", text, "Dreams show “price unknown” until then")),
            None => checks.push(ok("prices", format!("as of {}", options.prices.date))),
        }
    }
}

fn profile(platform: &Platform, key: &str, checks: &mut Vec<Check>) {
    let name = platform.profile();
    let at = &platform.client().settings().base_url;
    let Checked { agents, memory, dreams, ahead } = platform.check();
    if let Err(error @ (PlatformError::Key { .. } | PlatformError::Settings { .. })) = &agents {
        checks.push(problem("platform", format!("{name}: {error}"), "Mend the profile in the configuration"));
        return;
    }
    if let Err(error @ (PlatformError::Unreachable { .. } | PlatformError::Untrusted { .. })) = &agents {
        checks.push(problem(
            "platform",
            format!("{name}: {error}"),
            "What was synced before can be reviewed without it",
        ));
        return;
    }
    checks.push(match agents {
        Ok(()) => ok("platform", format!("{name}: {at} answers, with the key of {key}")),
        Err(error) => problem("platform", format!("{name}, key of {key}: {error}"), "Nothing was changed"),
    });
    if let Err(error) = memory {
        checks.push(problem(
            "platform",
            format!("{name}, memory stores: {error}"),
            "Check what the key may do, and beta-memory",
        ));
    }
    match dreams {
        Ok(()) => checks.push(ok("dreams", format!("{name}: there is access to dreams"))),
        Err(error) if error.kind() == Some(RefusalKind::NotEnrolled) => checks.push(note(
            "dreams",
            format!("{name}: {error}"),
            "Dreams of this machine (--engine offline) work all the same",
        )),
        Err(error) => checks.push(note(
            "dreams",
            format!("{name}: {error}"),
            "Check what the key may do, and beta-dreams; reviewing works without",
        )),
    }
    match ahead.map(|ahead| ahead.as_secs()) {
        Some(off) if off.abs() > OFF => checks.push(note(
            "clock",
            format!(
                "{name}: this machine is {} s {} the server",
                off.abs(),
                if off > 0 { "ahead of" } else { "behind" }
            ),
            "Set the clock; times of sessions and dreams are compared with it",
        )),
        Some(_) => checks.push(ok("clock", format!("{name}: as the server's"))),
        None => {}
    }
}
