//! Snippets of the documentation that the documentation's own tests cannot run.

const README: &str = include_str!("../../README.md");

/// The program runs against an OTLP receiver, outside of the workspace, with the default features of
/// `opentelemetry-otlp`.
#[test]
fn otlp_snippet_of_the_readme_is_the_code_that_runs_against_a_receiver() {
    let program = include_str!("../consumers/otlp/src/recipe.rs");
    let (_, code) = program.split_once("\n\n").unwrap();
    assert!(README.contains(&format!("```rust,ignore\n{code}```\n")), "{code}");
    assert_eq!(README.matches("ignore").count(), 1, "every other snippet compiles as a documentation test");
}

/// The smallest program is an example, which a test of its own calls.
#[test]
fn smallest_program_of_the_readme_is_the_example_for_axum() {
    let example = include_str!("../../examples/axum/src/main.rs");
    let (_, program) = README.split_once("```rust,no_run\n").unwrap();
    let (program, _) = program.split_once("```").unwrap();
    for line in ["Telemetry::from_env()?", ".route(\"/users/{id}\", get(user))", "OpenCensusLayer::new(telemetry"] {
        assert!(program.contains(line) && example.contains(line), "{line}");
    }
    assert!(README.contains("examples/axum/src/main.rs") && README.contains("cargo add opencensus"));
}
