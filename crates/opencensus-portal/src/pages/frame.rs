//! The frame around every page: navigation, scope, banner.

use maud::{DOCTYPE, Markup, html};

use crate::app_state::AppState;
use crate::clock;
use crate::faults::FaultReport;
use crate::pages::fault_banner::banner;
use crate::pages::format;
use crate::pages::scope::{SPANS, Scope};
use crate::pages::section::{SECTIONS, Section};
use crate::store::{Filter, Run, StoreError};

/// The frame of a page, with what its navigation and its forms offer.
pub(super) struct Frame {
    section: Option<Section>,
    scope: Scope,
    runs: Vec<Run>,
    current_run: i64,
    roles: Vec<String>,
    faults: FaultReport,
    /// The items in the scope.
    pub(super) filter: Filter,
    pub(super) connection_string: String,
}

impl Frame {
    /// Reads what the frame offers. `section`: the page of the navigation that this page belongs to.
    pub(super) async fn load(state: &AppState, scope: Scope, section: Option<Section>) -> Result<Self, StoreError> {
        let current_run = state.store.run();
        let filter = scope.filter(current_run, clock::now());
        let run = scope.run(current_run);
        let (runs, roles) = tokio::try_join!(state.store.runs(), state.store.roles(run))?;
        let connection_string = state.connection_string.clone();
        let faults = state.faults.report();
        Ok(Self { faults, section, scope, runs, current_run, roles, filter, connection_string })
    }

    pub(super) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The runs besides the one that the page shows.
    pub(super) fn other_runs(&self) -> impl Iterator<Item = &Run> {
        let shown = self.scope.run.parse().unwrap_or(self.current_run);
        self.runs.iter().filter(move |run| run.id != shown)
    }

    /// The run before the one that the page shows.
    pub(super) fn run_before(&self) -> Option<&Run> {
        let shown: i64 = self.scope.run.parse().unwrap_or(self.current_run);
        self.runs.iter().filter(|run| run.id < shown && self.scope.run != "all").max_by_key(|run| run.id)
    }

    /// Whether no run has an item.
    pub(super) fn is_empty(&self) -> bool {
        self.runs.iter().all(|run| run.items == 0)
    }

    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The page. `title` is plain text; `content` is what stands in `main`.
    pub(super) fn page(&self, title: &str, content: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                (head(title))
                body {
                    a.skip href="#main" { "Skip to content" }
                    header.bar {
                        a.brand href=(self.scope.link("/", [])) { "portal" }
                        (self.scope_form())
                        div.tools {
                            button.pause type="button" hidden aria-pressed="false" title="Pause updates (p)" { "Live" }
                            button.theme type="button" hidden data-script { "Theme: system" }
                            button.help type="button" hidden data-script title="Keys (?)" { "Keys" }
                        }
                    }
                    (banner(&self.faults))
                    div.columns {
                        (self.navigation())
                        main #main tabindex="-1" {
                            h1 { (title) }
                            (content)
                        }
                    }
                    p.hidden-label role="status" {}
                    (keys())
                }
            }
        }
    }

    fn navigation(&self) -> Markup {
        html! {
            nav.rail aria-label="Pages" {
                ul {
                    @for section in SECTIONS {
                        @let current = (self.section == Some(section)).then_some("page");
                        li {
                            a href=(self.scope.link(section.path, [])) aria-current=[current] data-key=(section.key) {
                                (section.title)
                            }
                        }
                    }
                }
            }
        }
    }

    /// The pickers of the scope. Without script the button applies them; the page's own parameters are dropped.
    fn scope_form(&self) -> Markup {
        let path = self.section.map_or("/", |section| section.path);
        html! {
            form.scope method="get" action=(path) {
                label { span { "Run" } select name="run" { (self.run_options()) } }
                label {
                    span { "Role" }
                    select name="role" {
                        option value="" { "All roles" }
                        @if !self.scope.role.is_empty() && !self.roles.contains(&self.scope.role) {
                            option value=(self.scope.role) selected { (self.scope.role) }
                        }
                        @for role in &self.roles {
                            option value=(role) selected[*role == self.scope.role] { (role) }
                        }
                    }
                }
                label {
                    span { "Time" }
                    select name="last" {
                        option value="" { "All of the run" }
                        @for (value, title, _) in SPANS {
                            option value=(value) selected[value == self.scope.last] { (title) }
                        }
                    }
                }
                button { "Apply" }
            }
        }
    }

    /// The run of the scope if it is none of those that are listed: it was cleared, or many began after it.
    fn unlisted_run(&self) -> Option<i64> {
        let run = self.scope.run.parse().ok()?;
        (run != self.current_run && self.runs.iter().all(|listed| listed.id != run)).then_some(run)
    }

    fn run_options(&self) -> Markup {
        html! {
            option value="" { "This run" }
            @for run in self.runs.iter().filter(|run| run.id != self.current_run) {
                @let value = run.id.to_string();
                option value=(value) selected[value == self.scope.run] {
                    (run_title(run))
                    " (" (run.items) ")"
                }
            }
            @if let Some(run) = self.unlisted_run() { option value=(run) selected { "Run " (run) ", not listed" } }
            option value="all" selected[self.scope.run == "all"] { "All runs" }
        }
    }
}

/// The name of a run: that of the imported file, or else its number and start.
pub(super) fn run_title(run: &Run) -> String {
    run.name.clone().unwrap_or_else(|| format!("Run {}, {}", run.id, format::date(run.started)))
}

/// The keys of every page.
fn keys() -> Markup {
    html! {
        dialog.keys aria-label="Keys" {
            form method="dialog" { button autofocus { "Close" } }
            dl {
                @for section in SECTIONS {
                    dt { kbd { "g" } " " kbd { (section.key) } }
                    dd { (section.title) }
                }
                @for (key, meaning) in KEYS {
                    dt { kbd { (key) } }
                    dd { (meaning) }
                }
            }
        }
    }
}

const KEYS: [(&str, &str); 8] = [
    ("/", "search"),
    ("j", "next row"),
    ("k", "previous row"),
    ("Enter", "open the row"),
    ("e", "next failure"),
    ("p", "pause updates"),
    ("?", "these keys"),
    ("Esc", "close"),
];

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { (title) " · portal" }
            link rel="stylesheet" href="/assets/style.css";
            link rel="icon" href="data:,";
            script src="/assets/keys.js" defer {}
            script src="/assets/list.js" defer {}
            script src="/assets/live.js" defer {}
        }
    }
}
