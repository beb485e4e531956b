//! `/import`: imports a file as the items of a new run.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use futures_util::StreamExt as _;
use tokio::time::timeout;

use crate::api::error::ApiError;
use crate::api::parameters::Parameters;
use crate::app_state::AppState;
use crate::clock::now;
use crate::transfer::{ImportReport, Importer};

/// The longest wait for the next bytes of the file.
const PAUSE: Duration = Duration::from_secs(30);
/// The most characters of a name.
const MAX_NAME: usize = 200;

/// Imports the body with the `name` of its file, which becomes that of the run: a line for each envelope, optionally after a line of metadata, optionally compressed with gzip.
pub(super) async fn import(
    State(state): State<AppState>,
    mut parameters: Parameters,
    body: Body,
) -> Result<Json<ImportReport>, ApiError> {
    let name = parameters.text("name")?;
    parameters.finish()?;
    let name = name.unwrap_or_else(|| "import".to_owned()).chars().take(MAX_NAME).collect();
    let mut importer = Importer::new(state.store, name, now());
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = timeout(PAUSE, chunks.next()).await.map_err(|_| ApiError::Late)? {
        importer.feed(&chunk.map_err(|_| ApiError::Late)?).await?;
    }
    Ok(Json(importer.finish().await?))
}
