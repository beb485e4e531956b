//! Reads query parameters, and names the one that is invalid.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::api::error::ApiError;

/// The parameters of a query string that are not read yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Parameters {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

impl Parameters {
    pub(super) fn parse(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// Takes a parameter that may occur once.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        let mut found = self.texts(name);
        match found.len() {
            0 | 1 => Ok(found.pop()),
            _ => Err(ApiError::parameter(name, "is given several times")),
        }
    }

    /// Takes a parameter that may occur several times.
    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        let (found, rest) = std::mem::take(&mut self.0).into_iter().partition(|(other, _)| other == name);
        self.0 = rest;
        Vec::into_iter(found).map(|(_, value)| value).collect()
    }

    /// Takes a whole number between bounds.
    pub(super) fn number(&mut self, name: &str, min: i64, max: i64) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (min..=max).contains(number));
        number.map(Some).ok_or_else(|| ApiError::parameter(name, format!("is a whole number from {min} to {max}")))
    }

    /// Takes a number of seconds, from 0 to `max`.
    pub(super) fn seconds(&mut self, name: &str, max: f64) -> Result<Option<f64>, ApiError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (0.0..=max).contains(number));
        number.map(Some).ok_or_else(|| ApiError::parameter(name, format!("is a number of seconds from 0 to {max}")))
    }

    /// Takes `true` or `false`.
    pub(super) fn flag(&mut self, name: &str) -> Result<bool, ApiError> {
        match self.text(name)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(ApiError::parameter(name, "is `true` or `false`")),
        }
    }

    /// Requires that all parameters were read.
    pub(super) fn finish(self) -> Result<(), ApiError> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => Err(ApiError::parameter(name, "is not a parameter of this path")),
        }
    }
}
