//! `wakeful config`: what applies, a template, keys, schemas.

use serde::Serialize;

use super::super::args::{Config as Command, ConfigSchema, Output};
use super::super::context::Context;
use super::super::error::{CliError, Exit};
use super::super::json;
use super::super::output::{columns, count, line};
use super::super::schema;
use crate::app::{Action, Scope};
use crate::config::{Origin, TEMPLATE, Warning};
use crate::input::keymap::{Keymap, Overrides, spell};
use crate::ui::theme::{Background, Depth, Library, Name, Theme};

/// The template with every key of the console in its place, from the live keymap.
fn template() -> String {
    let (keymap, _) = Keymap::load(&Overrides::new());
    let binding = |action: &Action| {
        let keys: Vec<String> =
            keymap.keys(*action).map(|keys| toml::Value::String(spell(keys)).to_string()).collect();
        format!("#{} = [{}]\n", action.id(), keys.join(", "))
    };
    let all: String = Action::ALL.iter().map(binding).collect();
    TEMPLATE.replacen(SOME_KEYS, &all, 1)
}

/// What stands for all keys in the template that `init` writes.
const SOME_KEYS: &str = "#accept = [\"a\"]\n#reject = [\"x\"]\n";

/// Runs the command.
pub fn run(context: &mut Context<'_>, command: &Command) -> Result<Exit, CliError> {
    match command {
        Command::Show(output) => show(context, *output),
        Command::Check(output) => check(context, *output),
        Command::Template => {
            context.out.write_all(template().as_bytes())?;
            Ok(Exit::Done)
        }
        Command::Theme(args) => print_theme(context, &args.name),
        Command::Schema(args) => print_schema(context, args),
        Command::Keys(output) => keys(context, *output),
    }
}

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    file: String,
    found: bool,
    cache: String,
    logs: String,
    settings: Vec<Row>,
    warnings: Vec<WarningRow>,
}

#[derive(Serialize)]
struct CheckReport {
    schema: &'static str,
    file: String,
    found: bool,
    problems: Vec<WarningRow>,
}

#[derive(Serialize)]
struct Row {
    key: String,
    value: String,
    origin: &'static str,
    line: Option<usize>,
    name: Option<&'static str>,
}

#[derive(Serialize)]
struct WarningRow {
    line: Option<usize>,
    text: String,
}

fn show(context: &mut Context<'_>, output: Output) -> Result<Exit, CliError> {
    let settings = context.config.effective();
    if output.json {
        let report = Report {
            schema: "wakeful.config/1",
            file: context.paths.config.display().to_string(),
            found: context.configured,
            cache: context.paths.database().display().to_string(),
            logs: context.paths.state.display().to_string(),
            settings: settings.into_iter().map(row).collect(),
            warnings: warnings(context),
        };
        json::print(context.out, &report)?;
    } else {
        let missing = if context.configured { "" } else { " (not there; the defaults apply)" };
        writeln!(context.out, "# file   {}{missing}", line(&context.paths.config.display().to_string()))?;
        writeln!(context.out, "# cache  {}", line(&context.paths.database().display().to_string()))?;
        writeln!(context.out, "# logs   {}\n", line(&context.paths.state.display().to_string()))?;
        let rows: Vec<Vec<String>> = settings
            .into_iter()
            .map(|(key, value, origin)| vec![format!("{key} = {}", line(&value)), format!("# {origin}")])
            .collect();
        columns(context.out, 0, &rows)?;
    }
    Ok(if context.warnings.is_empty() { Exit::Done } else { Exit::Config })
}

/// What in the configuration can't be used: of the file, and of its key bindings, which only the
/// keymap understands.
pub fn faults(context: &Context<'_>) -> Vec<String> {
    let (_, bindings) = Keymap::load(&overrides(context));
    let themes = broken_themes(context);
    context.warnings.iter().map(ToString::to_string).chain(bindings).chain(themes).collect()
}

/// Says whether the file can be used as it is. What can't be was said already when it was read.
fn check(context: &mut Context<'_>, output: Output) -> Result<Exit, CliError> {
    let (_, bindings) = Keymap::load(&overrides(context));
    let themes = broken_themes(context);
    let faults = bindings.len() + context.warnings.len();
    let exit = if faults + themes.len() == 0 { Exit::Done } else { Exit::Config };
    if output.json {
        let mut problems = warnings(context);
        problems.extend(bindings.into_iter().chain(themes).map(|text| WarningRow { line: None, text }));
        let report = CheckReport {
            schema: "wakeful.config-check/1",
            file: context.paths.config.display().to_string(),
            found: context.configured,
            problems,
        };
        json::print(context.out, &report)?;
        return Ok(exit);
    }
    let file = line(&context.paths.config.display().to_string());
    for problem in &bindings {
        writeln!(context.err, "wakeful: {file}: {}", line(problem))?;
    }
    for problem in &themes {
        writeln!(context.err, "wakeful: {}", line(problem))?;
    }
    let applies = context.config.effective().iter().any(|(_, _, origin)| matches!(origin, Origin::File(_)));
    let text = match (context.configured, faults) {
        (false, _) => format!("{file} is not there; the defaults apply. `wakeful init` writes one."),
        (true, 0) => format!("{file} is fine."),
        (true, _) if !applies => {
            format!(
                "nothing in {file} could be used; the defaults apply. `wakeful config template` prints a sound one."
            )
        }
        (true, _) => format!(
            "{} in {file} can't be used; the rest applies. `wakeful config template` lists every setting.",
            count(faults as u64, "setting")
        ),
    };
    writeln!(context.out, "{}", context.again.complete(&text))?;
    if !themes.is_empty() {
        let left_out = count(themes.len() as u64, "theme");
        writeln!(context.out, "{left_out} beside it can't be used; the others are there.")?;
    }
    Ok(exit)
}

fn warnings(context: &Context<'_>) -> Vec<WarningRow> {
    let row = |warning: &Warning| WarningRow { line: warning.line, text: warning.text.clone() };
    context.warnings.iter().map(row).collect()
}

fn overrides(context: &Context<'_>) -> Overrides {
    context.config.bindings.iter().map(|(name, keys)| (name.clone(), keys.value.clone())).collect()
}

fn row((key, value, origin): (String, String, Origin)) -> Row {
    let (origin, line, name) = match origin {
        Origin::Default => ("default", None, None),
        Origin::File(line) => ("file", Some(line), None),
        Origin::Environment(name) => ("environment", None, Some(name)),
        Origin::Flag(name) => ("flag", None, Some(name)),
    };
    Row { key, value, origin, line, name }
}

fn print_theme(context: &mut Context<'_>, name: &str) -> Result<Exit, CliError> {
    let Some(theme) = Name::parse(name) else {
        let names: Vec<&str> = Name::ALL.iter().map(|name| name.as_str()).collect();
        return Err(CliError::usage(format!(
            "there is no theme “{}” in the program; there are {}",
            line(name),
            names.join(", ")
        )));
    };
    context.out.write_all(theme.text().as_bytes())?;
    Ok(Exit::Done)
}

/// Theme files that can't be used, each with the line that is to blame.
fn broken_themes(context: &Context<'_>) -> Vec<String> {
    let fitting = Theme::load(Name::Dark, Background::Dark, Depth::Indexed, false);
    let files: Vec<_> =
        context.config.themes.iter().map(|file| (file.name.clone(), file.text.clone())).collect();
    Library::new(fitting, &files).1
}

fn print_schema(context: &mut Context<'_>, args: &ConfigSchema) -> Result<Exit, CliError> {
    let Some(name) = &args.name else {
        for (name, _) in schema::ALL {
            writeln!(context.out, "{name}")?;
        }
        return Ok(Exit::Done);
    };
    let Some(text) = schema::find(name) else {
        let names: Vec<&str> = schema::ALL.iter().map(|(name, _)| *name).collect();
        return Err(CliError::usage(format!(
            "there is no schema “{}”; there are {}",
            line(name),
            names.join(", ")
        )));
    };
    context.out.write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct KeysReport {
    schema: &'static str,
    keys: Vec<KeyRow>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct KeyRow {
    command: &'static str,
    keys: Vec<String>,
    title: &'static str,
    help: &'static str,
    scopes: Vec<&'static str>,
}

fn keys(context: &mut Context<'_>, output: Output) -> Result<Exit, CliError> {
    let (keymap, problems) = Keymap::load(&overrides(context));
    let row = |action: Action| {
        let spec = action.spec();
        KeyRow {
            command: spec.id,
            keys: keymap.keys(action).map(|keys| spell(keys)).collect(),
            title: spec.title,
            help: spec.help,
            scopes: spec.scopes.iter().map(|scope: &Scope| scope.as_str()).collect(),
        }
    };
    let rows: Vec<KeyRow> = Action::ALL.iter().map(|&action| row(action)).collect();
    let sound = problems.is_empty();
    if output.json {
        json::print(context.out, &KeysReport { schema: "wakeful.keys/1", keys: rows, warnings: problems })?;
    } else {
        let lines: Vec<Vec<String>> = rows
            .iter()
            .map(|row| vec![row.command.to_owned(), row.keys.join(", "), row.help.to_owned()])
            .collect();
        columns(context.out, 0, &lines)?;
        for problem in problems {
            writeln!(context.err, "wakeful: {}", line(&problem))?;
        }
    }
    Ok(if sound { Exit::Done } else { Exit::Config })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_has_every_key_as_it_is() {
        let text = template();
        let (_, keys) = text.split_once("[keys]\n").unwrap();
        let lines: String = keys
            .lines()
            .take_while(|line| !line.is_empty())
            .map(|line| format!("{}\n", &line[1..]))
            .collect();
        let own: Overrides = toml::from_str(&lines).unwrap();
        assert_eq!(own.len(), Action::ALL.len());
        let (keymap, problems) = Keymap::load(&own);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(keymap, Keymap::load(&Overrides::new()).0);
    }
}
