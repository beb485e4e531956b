//! The arguments of `run`.

use std::ffi::OsString;

use lexopt::Arg::{Long, Short, Value};
use lexopt::Parser;

use crate::command::error::CommandError;
use crate::command::portal_arguments::{default_options, parse_option};
use crate::options::PortalOptions;

#[derive(Debug)]
pub(super) struct RunArguments {
    pub(super) portal: PortalOptions,
    /// Whether `--listen` is absent: another port may be chosen.
    pub(super) is_default_port: bool,
    /// Whether the portal stays after the program ended.
    pub(super) stays: bool,
    pub(super) program: OsString,
    pub(super) program_arguments: Vec<OsString>,
}

/// Options end at `--` or at the first argument that is none.
pub(super) fn parse(mut arguments: Parser) -> Result<RunArguments, CommandError> {
    let (mut portal, mut stays, mut is_default_port) = (default_options(), false, true);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => return Err(CommandError::Help),
            Long("stay") => stays = true,
            Long(name) => {
                let name = name.to_owned();
                is_default_port &= name != "listen";
                if !parse_option(&mut portal, &name, &mut arguments)? {
                    return Err(Long(&name).unexpected().into());
                }
            }
            Value(program) => {
                let program_arguments = arguments.raw_args()?.collect();
                return Ok(RunArguments { portal, is_default_port, stays, program, program_arguments });
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let missing: lexopt::Error = "a command is missing, as in `opencensus-portal run -- cargo run`".into();
    Err(missing.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<RunArguments, CommandError> {
        parse(Parser::from_args(arguments))
    }

    #[test]
    fn options_end_at_the_command_whose_own_options_are_kept() {
        for arguments in [
            ["--stay", "--listen", "127.0.0.1:0", "--", "cargo", "run", "--help"].as_slice(),
            &["--stay", "--listen", "127.0.0.1:0", "cargo", "run", "--help"],
        ] {
            let run = parsed(arguments).unwrap();
            assert_eq!((run.program.to_str(), run.stays, run.is_default_port), (Some("cargo"), true, false));
            assert_eq!(run.program_arguments, ["run", "--help"]);
            assert_eq!(run.portal.listen.port(), 0);
        }
        let run = parsed(&["--", "-x", "--", "y"]).unwrap();
        assert_eq!((run.program.to_str(), run.program_arguments), (Some("-x"), vec!["--".into(), "y".into()]));
        assert!(parsed(&["--stay"]).unwrap_err().to_string().contains("a command is missing"));
        assert!(matches!(parsed(&["--help", "cargo"]), Err(CommandError::Help)));
    }
}
