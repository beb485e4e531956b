//! Prints items until Ctrl-C, or until the reader of the output ends.

use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use lexopt::Parser;
use tokio::runtime::Builder;

use crate::command::client_error::ClientError;
use crate::command::error::CommandError;
use crate::command::output::print_error;
use crate::command::signal::stop_signal;
use crate::command::subcommand::Subcommand;
use crate::command::tail::arguments::{self, Begin, TailArguments};
use crate::command::tail::feed::{self, Feed, Mark};
use crate::command::tail::format::Format;
use crate::command::tail::item_stream::ReceivedItem;
use crate::command::tail::paint::Paint;

pub(in crate::command) const SUBCOMMAND: Subcommand = Subcommand {
    name: "tail",
    summary: "follows what a running portal receives",
    usage: "\
opencensus-portal tail [OPTIONS]: follows what a running portal receives

    --kind KINDS        only these kinds, separated by commas: request, dependency, trace, exception, event, metric,
                        availability, page_view, page_view_performance
    --failed            only failed requests, calls and tests, and exceptions
    --role ROLE         only items of this role, the name of a service
    --name NAME         only items with exactly this name
    --q SEARCH          only items that this search selects, such as 'status:5xx dur:>200ms oak'
    --format FORMAT     human (default), json (one object per line, as in the API) or logfmt
    --last NUMBER       begin with the newest items (default: 10, at most 1000)
    --since-start       begin with all items of the portal's current run
    --once              end after the items that have arrived
    --url URL           the portal (default: http://127.0.0.1:8787)
    --help              print this text

Times are in UTC. Output to a terminal has colours unless NO_COLOR is set. If the portal stops, the command waits for its
return.

Exit codes: 0 at Ctrl-C, SIGTERM, a closed pipe, or with --once; 1 if the portal cannot be reached; 2 for invalid arguments.",
    run,
};

fn run(arguments: Parser) -> Result<ExitCode, CommandError> {
    let arguments = arguments::parse(arguments)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        let stop = stop_signal()?;
        tokio::select! {
            result = tail(arguments) => result,
            () = stop => Ok(()),
        }
    });
    match result {
        Err(CommandError::Io(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        result => result.map(|()| ExitCode::SUCCESS),
    }
}

async fn tail(arguments: TailArguments) -> Result<(), CommandError> {
    let TailArguments { client, mut selection, format, begin, ends } = arguments;
    let printer = Printer { format, paint: Paint::detect(&io::stdout()) };
    let newest = feed::newest(&client, &[]).await?;
    let mark = match begin {
        Begin::Last(number) => {
            let items = feed::last(&client, &selection, number).await?;
            printer.print(&items)?;
            items.last().map_or(newest, |(_, item)| feed::mark(item))
        }
        Begin::Start => {
            selection.push(("run", "current".to_owned()));
            Mark::default()
        }
    };
    let mut feed = Feed::new(client, selection, mark);
    loop {
        if ends {
            let items = feed.arrived().await?;
            printer.print(&items)?;
            if items.is_empty() {
                return Ok(());
            }
            continue;
        }
        let received = feed.next(report_loss).await?;
        if received.dropped > 0 {
            print_error(&format!("the portal deleted {} items before they were read", received.dropped));
        }
        printer.print(&received.items)?;
    }
}

fn report_loss(error: &ClientError) {
    print_error(&format!("{error}; waiting for its return"));
}

struct Printer {
    format: Format,
    paint: Paint,
}

impl Printer {
    fn print(&self, items: &[ReceivedItem]) -> io::Result<()> {
        let lines: String =
            items.iter().map(|(json, item)| self.format.format(json, item, self.paint) + "\n").collect();
        let mut output = io::stdout().lock();
        output.write_all(lines.as_bytes())?;
        output.flush()
    }
}
