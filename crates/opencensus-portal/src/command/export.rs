//! `export`: writes the items of a portal to a file.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::StreamExt as _;
use lexopt::Arg::{Long, Short};
use lexopt::{Parser, ValueExt as _};
use tokio::runtime::Builder;

use crate::command::client::query;
use crate::command::client_error::ClientError;
use crate::command::error::CommandError;
use crate::command::portal_choice::{ChosenPortal, PortalChoice};
use crate::command::subcommand::Subcommand;

pub(super) const SUBCOMMAND: Subcommand = Subcommand {
    name: "export",
    summary: "writes items to a file",
    usage: "\
opencensus-portal export [OPTIONS]: writes items to a file, oldest first

    -o, --output FILE   the file, compressed if its name ends in .gz (default: the standard output)
    --format FORMAT     jsonl (default): a line of metadata, and a line for each envelope as received;
                        otlp-json: lines that the OpenTelemetry Collector reads
    --run RUN           only items of a run: its id, or current (default: all)
    --kind KINDS        only these kinds, separated by commas
    --failed            only failed requests, calls and tests, and exceptions
    --role ROLE         only items of this role, the name of a service
    --name NAME         only items with exactly this name
    --q SEARCH          only items that this search selects, such as 'status:5xx dur:>200ms oak'
    --url URL           the portal (default: http://127.0.0.1:8787)
    --db FILE           the database of a portal, instead of a running portal
    --help              print this text

Exit codes: 0 success, 1 failure, 2 invalid arguments.",
    run,
};

struct ExportArguments {
    portal: PortalChoice,
    output: Option<PathBuf>,
    parameters: Vec<(&'static str, String)>,
}

fn run(arguments: Parser) -> Result<ExitCode, CommandError> {
    let ExportArguments { portal, output, parameters } = parse(arguments)?;
    if let Some(file) = portal.missing_file() {
        return Err(CommandError::Failed(format!("there is no database `{}`", file.display())));
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        let portal = portal.open()?;
        let result = export(&portal, output, &parameters).await;
        portal.close().await;
        result
    });
    match result {
        Err(CommandError::Io(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        result => result.map(|()| ExitCode::SUCCESS),
    }
}

fn parse(mut arguments: Parser) -> Result<ExportArguments, CommandError> {
    let (mut portal, mut output, mut parameters) = (PortalChoice::default(), None, Vec::new());
    while let Some(argument) = arguments.next()? {
        let parameter = match argument {
            Long("help") | Short('h') => return Err(CommandError::Help),
            Long("output") | Short('o') => {
                output = Some(PathBuf::from(arguments.value()?)).filter(|path| path.as_os_str() != "-");
                continue;
            }
            Long("url") => {
                portal = PortalChoice::Url(arguments.value()?.string()?);
                continue;
            }
            Long("db") => {
                portal = PortalChoice::Database(arguments.value()?.into());
                continue;
            }
            Long("failed") => {
                parameters.push(("failed", "true".to_owned()));
                continue;
            }
            Long("format") => "format",
            Long("run") => "run",
            Long("kind") => "kind",
            Long("role") => "role",
            Long("name") => "name",
            Long("q") => "q",
            other => return Err(other.unexpected().into()),
        };
        parameters.push((parameter, arguments.value()?.string()?));
    }
    Ok(ExportArguments { portal, output, parameters })
}

async fn export(
    portal: &ChosenPortal,
    output: Option<PathBuf>,
    parameters: &[(&'static str, String)],
) -> Result<(), CommandError> {
    let parameters = parameters.iter().map(|(name, value)| (*name, value.as_str()));
    let body = portal.client.get(&format!("/export{}", query(parameters))).await;
    let mut chunks = body.map_err(|error| portal.explain(error))?.into_data_stream();
    let mut writer = Writer::open(output)?;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(ClientError::body).map_err(|error| portal.explain(error))?;
        writer.write(&chunk)?;
    }
    Ok(writer.finish()?)
}

/// The file, or the standard output.
enum Writer {
    Plain(Box<dyn Write>),
    Gzip(GzEncoder<Box<dyn Write>>),
}

impl Writer {
    /// Creates the file.
    fn open(output: Option<PathBuf>) -> Result<Self, CommandError> {
        let Some(path) = output else { return Ok(Self::Plain(Box::new(io::stdout()))) };
        let failed = |error| CommandError::Failed(format!("`{}` cannot be created: {error}", path.display()));
        let file: Box<dyn Write> = Box::new(BufWriter::new(File::create(&path).map_err(failed)?));
        let is_gzip = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
        Ok(if is_gzip { Self::Gzip(GzEncoder::new(file, Compression::default())) } else { Self::Plain(file) })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(output) => output.write_all(bytes),
            Self::Gzip(output) => output.write_all(bytes),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut output) => output.flush(),
            Self::Gzip(output) => output.finish()?.flush(),
        }
    }
}
