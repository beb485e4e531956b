//! `cert`: prints where the portal's certificate is, and how clients trust it.

use std::path::Path;
use std::process::ExitCode;

use lexopt::Arg::{Long, Short};
use lexopt::{Parser, ValueExt as _};

use crate::clock;
use crate::command::error::CommandError;
use crate::command::output::print_line;
use crate::command::subcommand::Subcommand;
use crate::tls::{default_state_folder, open_in_folder};

pub(super) const SUBCOMMAND: Subcommand = Subcommand {
    name: "cert",
    summary: "prints where the portal's certificate is, and how clients trust it",
    usage: "\
opencensus-portal cert [OPTIONS]: prints where the portal's certificate is, and how clients trust it

The port of a portal serves TLS too. Its certificate is made at the first start.

    --path                print the path alone
    --pem                 print the certificate alone
    --state-folder PATH   the folder of the certificate (default: $XDG_STATE_HOME/opencensus-portal or
                          ~/.local/state/opencensus-portal; on Windows %LOCALAPPDATA%\\opencensus-portal)
    --help                print this text
",
    run,
};

/// What is printed.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Guide,
    Path,
    Pem,
}

fn run(mut arguments: Parser) -> Result<ExitCode, CommandError> {
    let (mut form, mut folder) = (Form::Guide, default_state_folder());
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("path") => form = Form::Path,
            Long("pem") => form = Form::Pem,
            Long("state-folder") => folder = Some(arguments.value()?.parse()?),
            Long("help") | Short('h') => return Err(CommandError::Help),
            other => return Err(other.unexpected().into()),
        }
    }
    let Some(folder) = folder else {
        let missing: lexopt::Error = "there is no state folder: set HOME, or use `--state-folder PATH`".into();
        return Err(missing.into());
    };
    let now = clock::now();
    let (certificate, path) = open_in_folder(&folder, now).map_err(|error| CommandError::Failed(error.to_string()))?;
    let days = certificate.expiry().map_or(0, |expiry| (expiry - now / 1_000_000) / 86_400);
    print_line(&match form {
        Form::Guide => guide(&path, days),
        Form::Path => path.display().to_string(),
        Form::Pem => certificate.authority().trim_end().to_owned(),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// How clients trust the certificate. Variables that replace a list of authorities are distinguished from those that add
/// to it, because a program that trusts this certificate alone reaches no other server.
fn guide(path: &Path, days: i64) -> String {
    let path = path.display();
    format!(
        "\
{path}

This certificate is an authority for localhost, 127.0.0.1 and ::1 on this machine alone, for {days} more days. Its key was
not kept, so that nothing else can be signed with it. Plain HTTP on the same port needs no certificate.

Programs that trust it besides others:

  Node                  export NODE_EXTRA_CA_CERTS='{path}'
  curl                  curl --cacert '{path}' https://localhost:8787/
  Java                  keytool -importcert -noprompt -alias opencensus-portal -file '{path}' -cacerts
  Debian, Ubuntu        sudo cp '{path}' /usr/local/share/ca-certificates/opencensus-portal.crt
                        sudo update-ca-certificates
  Fedora                sudo trust anchor '{path}'
  macOS                 security add-trusted-cert -r trustRoot '{path}'
  Windows               certutil -user -addstore Root \"{path}\"
  Chromium on Linux     certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n opencensus-portal -i '{path}'
                        for one test: chromium --ignore-certificate-errors

Programs that trust nothing else then. To keep the others, name a file that has the system's list and this certificate:

  Python with requests  export REQUESTS_CA_BUNDLE='{path}'
  OpenSSL, Go, .NET,    export SSL_CERT_FILE='{path}'
  Ruby, Python
  both lists            cat /etc/ssl/certs/ca-certificates.crt '{path}' > bundle.pem"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guide_names_the_file_for_every_client() {
        let guide = guide(Path::new("/state/certificate.pem"), 397);
        assert!(guide.starts_with("/state/certificate.pem\n"));
        for variable in ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"] {
            assert!(guide.contains(&format!("export {variable}='/state/certificate.pem'")), "{variable}: {guide}");
        }
        for text in ["update-ca-certificates", "keytool", "nssdb", "397 more days"] {
            assert!(guide.contains(text), "{text}: {guide}");
        }
    }
}
