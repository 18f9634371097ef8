//! Writes a report as an HTML page: one file that needs no network, with a light and a dark colour scheme.

use contracts::domain::OrderStatus;
use serde::Serialize;
use tera::{Context, Tera};

use super::{
    report::{End, Report},
    scale::{Point, Tick, nice, thinned},
    text,
};
use crate::{
    statistics::{Latency, histogram},
    tell::{time, word},
};

/// The template. Its name ends in `.html`, so that Tera escapes the values.
const TEMPLATE: (&str, &str) = ("page.html", include_str!("page.html"));
/// The number of bars in a chart.
const BINS: usize = 24;
/// The largest number of points in a chart, which a browser still draws quickly.
const POINTS: usize = 4_000;

/// The size of a chart in pixels, without the labels.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 180.0;

/// Returns the page.
///
/// # Errors
///
/// If the template does not match the values. A test renders it, so this does not happen.
pub fn page(report: &Report) -> anyhow::Result<String> {
    let mut tera = Tera::default();
    tera.add_raw_template(TEMPLATE.0, TEMPLATE.1)?;
    Ok(tera.render(TEMPLATE.0, &Context::from_serialize(&Page::of(report))?)?)
}

#[derive(Serialize)]
struct Page<'a> {
    report: &'a Report,
    good: bool,
    title: String,
    late: String,
    calls: String,
    seconds: String,
    outcomes: Vec<Outcome>,
    latencies: Vec<[String; 6]>,
    histograms: Vec<Histogram>,
    rate: Option<Rate>,
    scatter: Option<Scatter>,
    width: f64,
    height: f64,
}

/// A part of the bar of outcomes.
#[derive(Serialize)]
struct Outcome {
    name: &'static str,
    class: &'static str,
    count: usize,
    x: f64,
    width: f64,
}

#[derive(Serialize)]
struct Histogram {
    title: &'static str,
    bars: Vec<Bar>,
    ticks: Vec<Tick>,
    most: usize,
}

#[derive(Serialize)]
struct Bar {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    says: String,
}

/// The positions of the share and its confidence interval on a line from 0 to 100 %.
#[derive(Serialize)]
struct Rate {
    low: f64,
    share: f64,
    high: f64,
    configured: f64,
    inside: bool,
    says: String,
}

#[derive(Serialize)]
struct Scatter {
    points: Vec<Point>,
    across: Vec<Tick>,
    up: Vec<Tick>,
    shown: usize,
    of: usize,
}

impl<'a> Page<'a> {
    fn of(report: &'a Report) -> Self {
        let took: Vec<f64> = report.samples.ends.iter().map(|it| it.took).collect();
        let asked = &report.asked;
        Page {
            good: report.good(),
            title: format!("{} orders at {} on {}", report.placed, asked.rate, asked.environment),
            late: time(report.late_ms),
            calls: text::calls(report),
            seconds: format!("{:.1}", report.seconds),
            outcomes: outcomes(report),
            latencies: [
                ("API call", report.call),
                ("Until taken", report.until_taken),
                ("Order to end", report.order_to_end),
            ]
            .into_iter()
            .filter_map(|(name, it)| Some(row(name, &it?)))
            .collect(),
            histograms: [("API call", &report.samples.calls), ("Order to end", &took)]
                .into_iter()
                .filter_map(|(title, it)| bars(title, it))
                .collect(),
            rate: rate(report),
            scatter: scatter(&report.samples.ends),
            report,
            width: WIDTH,
            height: HEIGHT,
        }
    }
}

fn outcomes(report: &Report) -> Vec<Outcome> {
    let counts = [
        ("fulfilled", "fulfilled", report.fulfilled),
        ("failed", "failed", report.failed),
        ("rejected", "rejected", report.rejected),
        ("still processing", "rejected", report.processing.len()),
        ("lost", "bad", report.lost.len()),
        ("unknown", "bad", report.unknown.len()),
        ("not taken", "bad", report.not_taken),
    ];
    let all = counts.iter().map(|it| it.2).sum::<usize>().max(1);
    let mut x = 0.0;
    let part = |(name, class, count)| {
        let width = WIDTH * count as f64 / all as f64;
        x += width;
        Outcome { name, class, count, x: x - width, width }
    };
    counts.map(part).into()
}

fn row(name: &str, it: &Latency) -> [String; 6] {
    let [p50, p90, p99, max] = [it.p50_ms, it.p90_ms, it.p99_ms, it.max_ms].map(time);
    [name.to_owned(), it.count.to_string(), p50, p90, p99, max]
}

fn bars(title: &'static str, values: &[f64]) -> Option<Histogram> {
    let bins = histogram(values, BINS);
    let most = bins.iter().map(|it| it.count).max().filter(|it| *it > 0)?;
    let each = WIDTH / bins.len() as f64;
    let bars = bins.iter().enumerate().map(|(at, bin)| {
        let height = HEIGHT * bin.count as f64 / most as f64;
        let says = format!("{} to {}: {}", time(bin.from), time(bin.to), bin.count);
        Bar { x: each * at as f64, y: HEIGHT - height, width: each - 1.0, height, says }
    });
    let edges = bins.iter().map(|it| it.from).chain(bins.last().map(|it| it.to)).enumerate();
    let ticks = edges.filter(|(at, _)| at % 4 == 0 || bins.len() == 1);
    let ticks = ticks.map(|(at, edge)| Tick { at: each * at as f64, says: time(edge) });
    Some(Histogram { title, bars: bars.collect(), ticks: ticks.collect(), most })
}

fn rate(report: &Report) -> Option<Rate> {
    let share = report.fulfilment?;
    let percent = |it: f64| format!("{:.1} %", it * 100.0);
    Some(Rate {
        low: share.low * WIDTH,
        share: share.share * WIDTH,
        high: share.high * WIDTH,
        configured: report.configured * WIDTH,
        inside: share.allows(report.configured),
        says: format!(
            "{} of {} decided orders were fulfilled: {}. With 95 % confidence the rate lies between {} and {} \
             (Wilson). Configured is {}.",
            share.with,
            share.of,
            percent(share.share),
            percent(share.low),
            percent(share.high),
            percent(report.configured),
        ),
    })
}

fn scatter(ends: &[End]) -> Option<Scatter> {
    let most = |it: fn(&End) -> f64| ends.iter().map(it).fold(0.0, f64::max);
    let across = nice(most(|it| it.taken_after), WIDTH, |it| format!("{it} s"));
    let slowest = most(|it| it.took);
    let up = nice(slowest, HEIGHT, |it| match slowest < 1_000.0 {
        true => format!("{it} ms"),
        false => format!("{} s", it / 1_000.0),
    });
    let point = |end: &End| Point {
        x: across.place(end.taken_after),
        y: HEIGHT - up.place(end.took),
        class: word(end.status).to_lowercase(),
        says: format!("{} after {}", word(end.status), time(end.took)),
    };
    // Draw orders that were not fulfilled last, on top of the others.
    let mut shown = thinned(ends, POINTS);
    shown.sort_by_key(|it| it.status != OrderStatus::Fulfilled);
    (!ends.is_empty()).then(|| Scatter {
        points: shown.iter().map(point).collect(),
        up: up.ticks.iter().map(|it| Tick { at: HEIGHT - it.at, says: it.says.clone() }).collect(),
        across: across.ticks.clone(),
        shown: shown.len(),
        of: ends.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::report::tests::report;

    #[test]
    fn the_page_loads_nothing_from_the_network() {
        fn check(orders: usize) {
            let page = page(&report(orders)).unwrap();
            assert!(page.starts_with("<!doctype html>"), "{page}");
            for outside in ["http:", "https:", "src=", "@import", "url(", "<script"] {
                assert!(!page.contains(outside), "{outside}");
            }
            assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
            assert_eq!(page.matches("<circle class=\"dot").count(), orders.min(POINTS));
            assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
        }
        check(0);
        check(1);
        check(300);
    }

    #[test]
    fn text_from_the_api_is_escaped() {
        let mut report = report(1);
        report.errors.insert("502 <b>".to_owned(), 1);
        report.problem = Some("<script>".to_owned());
        let page = page(&report).unwrap();
        assert!(page.contains("502 &lt;b&gt;") && !page.contains("<script>"), "{page}");
    }
}
