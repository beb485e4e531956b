//! The portal that receives the program's telemetry.

use crate::clock;
use crate::command::client::PortalClient;
use crate::command::error::CommandError;
use crate::command::output::print_error;
use crate::command::portal_arguments::{StartedPortal, start};
use crate::command::run::arguments::RunArguments;
use crate::command::run::variables::Destination;
use crate::command::running_portal::{explain, find_portal, is_in_use};
use crate::options::PortalOptions;
use crate::portal::connection_string;
use crate::tls::open_in_folder;

/// A portal of this process, or one that already runs.
pub(super) struct Target {
    pub(super) client: PortalClient,
    pub(super) destination: Destination,
    /// The portal of this process. It stops when it is dropped.
    pub(super) portal: Option<StartedPortal>,
}

impl Target {
    /// Starts a portal, unless one listens on the address. Another program at the default address makes it choose a free
    /// port.
    pub(super) async fn find(arguments: &RunArguments) -> Result<Self, CommandError> {
        let options = arguments.portal.clone();
        let address = options.listen;
        match start(options.clone()) {
            Ok(started) => Self::started(started),
            Err(error) if is_in_use(&error) => match find_portal(address).await {
                Some(client) => Ok(Self::running(client, &options)),
                None if arguments.is_default_port => Self::on_free_port(options),
                None => Err(CommandError::Failed(explain(error, address).await)),
            },
            Err(error) => Err(error.into()),
        }
    }

    fn on_free_port(options: PortalOptions) -> Result<Self, CommandError> {
        let free = (options.listen.ip(), 0).into();
        Self::started(start(options.with_listen(free))?)
    }

    fn started(started: StartedPortal) -> Result<Self, CommandError> {
        let portal = &started.portal;
        let client = PortalClient::new(&portal.url())?;
        print_error(&format!("{} shows the program's telemetry", portal.url()));
        let mut destination = destination(portal.connection_string(), portal.address());
        destination.certificate = portal.certificate_path().map(Into::into);
        Ok(Self { client, destination, portal: Some(started) })
    }

    fn running(client: PortalClient, options: &PortalOptions) -> Self {
        print_error(&format!("{} already runs and shows the program's telemetry", client.url()));
        let address = options.listen;
        let mut destination = destination(connection_string(address), address);
        // A portal with the same state folder uses this certificate.
        let certificate = options.state_folder.as_ref().map(|folder| open_in_folder(folder, clock::now()));
        destination.certificate = certificate.and_then(Result::ok).map(|(_, path)| path);
        Self { client, destination, portal: None }
    }
}

fn destination(connection_string: String, address: std::net::SocketAddr) -> Destination {
    Destination { connection_string, endpoint: format!("http://{address}"), certificate: None }
}
