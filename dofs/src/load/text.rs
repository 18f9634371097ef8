//! Formats a report for the terminal.

use super::report::Report;
use crate::{
    statistics::{Bin, Latency, histogram},
    tell::{columns, time},
};

/// The number of bars in a chart.
const BINS: usize = 12;
/// The length of the longest bar, in characters.
const WIDTH: usize = 40;
/// How many orders of a kind are listed.
const NAMED: usize = 10;

/// Returns the text. With `options`, another command uses the same system.
pub(super) fn text(report: &Report, options: &str) -> String {
    let mut parts = vec![asked(report), outcomes(report, options)];
    parts.extend(errors(report));
    parts.push(latencies(report));
    parts.push(chart("API call", &report.samples.calls));
    let took: Vec<f64> = report.samples.ends.iter().map(|it| it.took).collect();
    parts.push(chart("order to end", &took));
    parts.push(rate(report));
    parts.retain(|it| !it.is_empty());
    parts.join("\n\n")
}

fn asked(report: &Report) -> String {
    let asked = &report.asked;
    let early = if report.interrupted { ", interrupted" } else { "" };
    format!(
        "{} of {} orders placed at {} on {}, {} % of them invalid, seed {}{early}\n\
         placed in {:.1} s, at worst {} late; {}",
        report.placed,
        asked.count,
        asked.rate,
        asked.environment,
        asked.invalid_percent,
        asked.seed,
        report.seconds,
        time(report.late_ms),
        calls(report),
    )
}

/// Returns the number of calls, and of throttled calls.
pub(super) fn calls(report: &Report) -> String {
    let calls = format!("{} calls of the API", report.calls);
    match report.throttled {
        0 => calls,
        throttled => format!("{calls}, {throttled} of them throttled (429, 503)"),
    }
}

fn outcomes(report: &Report, options: &str) -> String {
    let rows = [
        ("accepted", report.accepted),
        ("  fulfilled", report.fulfilled),
        ("  failed", report.failed),
        ("  rejected", report.rejected),
        ("  still processing", report.processing.len()),
        ("  lost", report.lost.len()),
        ("  unknown", report.unknown.len()),
        ("  misjudged", report.misjudged.len()),
        ("not taken", report.not_taken),
    ];
    let early = report.interrupted.then_some(("  not followed to the end", report.not_followed));
    let rows = rows.into_iter().chain(early);
    let mut text = columns(None, rows.map(|(name, it)| [name.to_owned(), it.to_string()]));
    let lost = format!(
        "lost: neither a record nor a running execution\n  \
         see: dofs resume{options} --dry-run, for executions that can be redriven"
    );
    for (orders, what) in [
        (&report.lost, lost.as_str()),
        (&report.unknown, "unknown: the table or the execution could not be read"),
        (&report.misjudged, "misjudged: REJECTED although valid, or not REJECTED although invalid"),
    ] {
        let named = orders.iter().take(NAMED).map(|it| format!("\n  {it}")).collect::<String>();
        if !orders.is_empty() {
            text.push_str(&format!("\n{what}{named}"));
        }
    }
    if let Some(first) = report.processing.first() {
        text.push_str(&format!(
            "\nstill processing after {} s; the system continues with them\n  see: dofs status {first}{options}",
            report.asked.timeout_seconds
        ));
    }
    text
}

fn errors(report: &Report) -> Option<String> {
    let rows = report.errors.iter().map(|(kind, it)| [kind.clone(), it.to_string()]);
    let errors = (!report.errors.is_empty()).then(|| {
        format!("errors that the API answered, including repeated calls\n{}", columns(None, rows))
    });
    let problem = report
        .problem
        .as_ref()
        .map(|it| format!("the last attempt to read the table and the executions failed: {it}"));
    let both: Vec<_> = errors.into_iter().chain(problem).collect();
    (!both.is_empty()).then(|| both.join("\n"))
}

fn latencies(report: &Report) -> String {
    let row = |name: &str, it: &Option<Latency>| {
        let cells = it.map_or([f64::NAN; 4], |it| [it.p50_ms, it.p90_ms, it.p99_ms, it.max_ms]);
        let [p50, p90, p99, max] =
            cells.map(|it| if it.is_nan() { "-".to_owned() } else { time(it) });
        [name.to_owned(), p50, p90, p99, max]
    };
    let rows = [
        row("API call", &report.call),
        row("until taken", &report.until_taken),
        row("order to end", &report.order_to_end),
    ];
    let table = columns(Some(["", "p50", "p90", "p99", "max"]), rows);
    format!(
        "{table}\nuntil taken counts from the schedule, with refused calls and the pauses after them\n\
         order to end is updated_at minus created_at of the order's record"
    )
}

/// Returns a bar chart of a distribution.
fn chart(title: &str, values: &[f64]) -> String {
    let bins = histogram(values, BINS);
    let most = bins.iter().map(|it| it.count).max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let row = |bin: &Bin| {
        let bar = bar(bin.count, most);
        [
            format!("  {}", time(bin.from)),
            format!("to {}", time(bin.to)),
            bar,
            bin.count.to_string(),
        ]
    };
    format!("{title}\n{}", columns(None, bins.iter().map(row)))
}

/// Returns a bar, with a resolution of an eighth of a character.
fn bar(count: usize, most: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (count * WIDTH * 8).div_ceil(most.max(1));
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

fn rate(report: &Report) -> String {
    let Some(share) = &report.fulfilment else { return String::new() };
    let percent = |it: f64| format!("{:.1} %", it * 100.0);
    let within = match share.allows(report.configured) {
        true => "inside",
        false => "outside; by chance alone, this happens in one run of twenty",
    };
    format!(
        "fulfilled  {} of {} decided orders ({})\n\
         with 95 % confidence  {} to {} (Wilson)\n\
         configured  {}: {within}",
        share.with,
        share.of,
        percent(share.share),
        percent(share.low),
        percent(share.high),
        percent(report.configured),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_counts() {
        fn check(count: usize, most: usize, expected: &str) {
            assert_eq!(bar(count, most), expected);
        }
        check(0, 5, "");
        check(1, 320, "▏");
        check(1, 40, "█");
        check(3, 80, "█▌");
        check(7, 7, &"█".repeat(40));
    }
}
