//! `import`: reads items from a file into a new run.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use axum::body::{Body, Bytes};
use axum::http::Method;
use futures_util::stream::try_unfold;
use lexopt::Arg::{Long, Short, Value};
use lexopt::{Parser, ValueExt as _};
use tokio::runtime::Builder;

use crate::command::client::{query, read_json};
use crate::command::error::CommandError;
use crate::command::output::{print_error, print_line};
use crate::command::portal_choice::{ChosenPortal, PortalChoice};
use crate::command::subcommand::Subcommand;
use crate::command::tail::escape;
use crate::tls::default_state_folder;
use crate::transfer::ImportReport;

/// The bytes that are read at once.
const CHUNK: usize = 64 * 1024;

pub(super) const SUBCOMMAND: Subcommand = Subcommand {
    name: "import",
    summary: "reads items from an exported file",
    usage: "\
opencensus-portal import [OPTIONS] FILE|-: reads items from a file that `export` wrote (format jsonl), or from the
standard input, also compressed with gzip. They become a run with the name of the file, and keep their times. A file that
is imported twice becomes two runs.

    --name NAME         the name of the run (default: that of the file)
    --url URL           the portal (default: http://127.0.0.1:8787)
    --db FILE           the database of a portal, instead of a running portal
    --state-folder PATH the folder with the running portal's token, as for `serve`; OPENCENSUS_PORTAL_TOKEN precedes it
    --help              print this text

Exit codes: 0 if all items were imported, 1 if lines were refused or the import failed, 2 for invalid arguments.",
    run,
};

struct ImportArguments {
    portal: PortalChoice,
    /// The folder with the token of the portal.
    state_folder: Option<PathBuf>,
    file: OsString,
    name: Option<String>,
}

fn run(arguments: Parser) -> Result<ExitCode, CommandError> {
    let ImportArguments { portal, state_folder, file, name } = parse(arguments)?;
    let input = open(&file)?;
    let name = name.unwrap_or_else(|| name_of(&file));
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        let portal = portal.open()?;
        let report = import(&portal, state_folder.as_deref(), input, &name).await;
        portal.close().await;
        report
    });
    // A read of the standard input may still wait.
    runtime.shutdown_background();
    print(&report?)
}

fn parse(mut arguments: Parser) -> Result<ImportArguments, CommandError> {
    let (mut portal, mut file, mut name) = (PortalChoice::default(), None, None);
    let mut state_folder = default_state_folder();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => return Err(CommandError::Help),
            Long("url") => portal = PortalChoice::Url(arguments.value()?.string()?),
            Long("db") => portal = PortalChoice::Database(arguments.value()?.into()),
            Long("state-folder") => state_folder = Some(arguments.value()?.into()),
            Long("name") => name = Some(arguments.value()?.string()?),
            Value(path) if file.is_none() => file = Some(path),
            other => return Err(other.unexpected().into()),
        }
    }
    let missing = || lexopt::Error::from("a file is missing, as in `opencensus-portal import items.jsonl.gz`");
    Ok(ImportArguments { portal, state_folder, file: file.ok_or_else(missing)?, name })
}

fn open(file: &OsString) -> Result<Box<dyn Read + Send>, CommandError> {
    if file == "-" {
        return Ok(Box::new(io::stdin()));
    }
    let failed = |error| CommandError::Failed(format!("`{}` cannot be read: {error}", Path::new(file).display()));
    Ok(Box::new(File::open(file).map_err(failed)?))
}

fn name_of(file: &OsString) -> String {
    match Path::new(file).file_name() {
        Some(name) if file != "-" => name.to_string_lossy().into_owned(),
        _ => "standard input".to_owned(),
    }
}

async fn import(
    portal: &ChosenPortal,
    state_folder: Option<&Path>,
    input: Box<dyn Read + Send>,
    name: &str,
) -> Result<ImportReport, CommandError> {
    let path = format!("/import{}", query([("name", name)]));
    let token = portal.token(state_folder)?;
    let headers = [("x-portal-token", token.as_str())];
    let body = portal.client.send(Method::POST, &path, &headers, stream(input)).await;
    let body = body.map_err(|error| portal.explain(error))?;
    read_json(body).await.map_err(|error| portal.explain(error))
}

/// The content of a file as a body. It is read on threads that may block.
fn stream(input: Box<dyn Read + Send>) -> Body {
    let chunks = try_unfold(input, |mut input| async {
        let read = tokio::task::spawn_blocking(move || {
            let mut chunk = vec![0; CHUNK];
            let length = input.read(&mut chunk)?;
            chunk.truncate(length);
            Ok::<_, io::Error>((chunk, input))
        });
        let (chunk, input) = read.await.map_err(io::Error::other)??;
        Ok::<_, io::Error>((!chunk.is_empty()).then(|| (Bytes::from(chunk), input)))
    });
    Body::from_stream(chunks)
}

fn print(report: &ImportReport) -> Result<ExitCode, CommandError> {
    for error in &report.errors {
        print_error(&format!("line {}: {}", error.line, escape(&error.message)));
    }
    let run = report.run.map(|run| format!(" as run {run}")).unwrap_or_default();
    print_line(&format!("{} items imported{run}, {} lines refused", report.imported, report.refused))?;
    Ok(if report.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
