//! CloudWatch dashboards: rows of widgets with typed metrics.

mod shown;

pub use self::shown::Shown;

use super::{
    expr::Body,
    metric::Source,
    name::Id,
    signal::{Stat, Statistic},
    stack::{Handle, Meta, Module},
    unit::Unit,
};
use crate::violation::Violation;

const TF_TYPE: &str = "aws_cloudwatch_dashboard";

/// The width of a dashboard, in CloudWatch's grid.
const WIDTH: u32 = 24;
const HEIGHT: u32 = 6;

/// One row: a heading, and widgets next to each other.
pub struct Row {
    /// The heading of the row.
    pub title: &'static str,
    /// The widgets, from the left.
    pub widgets: Vec<Widget>,
}

impl Row {
    /// A row with the ready-made graphs of resources of one kind.
    pub fn of<'k, K: Shown>(
        title: &'static str,
        all: impl IntoIterator<Item = &'k Handle<K>>,
    ) -> Self {
        Row { title, widgets: Vec::new() }.and(all)
    }

    /// The same row, with the ready-made graphs of more resources.
    #[must_use]
    pub fn and<'k, K: Shown>(mut self, all: impl IntoIterator<Item = &'k Handle<K>>) -> Self {
        self.widgets.extend(K::graphs(&all.into_iter().collect::<Vec<_>>()));
        self
    }
}

/// A graph.
pub struct Widget {
    title: String,
    lines: Vec<(Source, Statistic)>,
}

impl Widget {
    /// A graph with these lines, which have one unit.
    pub fn new<U: Unit>(
        title: impl Into<String>,
        lines: impl IntoIterator<Item = Stat<U>>,
    ) -> Self {
        let lines = lines.into_iter().map(|it| (it.source, it.statistic)).collect();
        Widget { title: title.into(), lines }
    }
}

impl Module<'_> {
    /// Adds a dashboard.
    #[track_caller]
    pub fn dashboard(&mut self, id: Id, rows: Vec<Row>) {
        let name = self.enter(id);
        let region = self.stack.scope().region.as_str();
        let all: Vec<&Widget> = rows.iter().flat_map(|it| &it.widgets).collect();
        for (at, widget) in all.iter().enumerate() {
            if let Some(other) = all[..at].iter().find(|it| it.lines == widget.lines) {
                self.stack.violate(Violation::new(
                    "wiring/same-graph",
                    self.address(TF_TYPE, name).as_str(),
                    format!("{:?} shows the same metrics as {:?}", widget.title, other.title),
                    "show another metric in one of them, or remove one",
                ));
            }
        }
        let mut widgets = Vec::new();
        let mut y = 0;
        for row in rows {
            widgets.push(Body::map([
                ("type", "text".into()),
                ("x", 0_u32.into()),
                ("y", y.into()),
                ("width", WIDTH.into()),
                ("height", 1_u32.into()),
                ("properties", Body::map([("markdown", format!("## {}", row.title).into())])),
            ]));
            y += 1;
            let count = u32::try_from(row.widgets.len()).unwrap_or(u32::MAX).clamp(1, WIDTH);
            let width = WIDTH / count;
            for (x, widget) in (0..).step_by(width as usize).zip(row.widgets) {
                widgets.push(graph(widget, x, y, width, region));
            }
            y += HEIGHT;
        }
        let document = Body::map([("widgets", Body::List(widgets))]);
        let body = Body::map([
            ("dashboard_name", self.aws_name(name).into()),
            ("dashboard_body", Body::file("dashboard.json".to_owned(), document)),
        ]);
        self.push(TF_TYPE, name, id.doc(), body, Meta::default());
    }
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>
fn graph(widget: Widget, x: u32, y: u32, width: u32, region: &'static str) -> Body {
    let lines = widget.lines.into_iter().map(|(metric, statistic)| {
        let mut line: Vec<Body> = Vec::with_capacity(3 + 2 * metric.dimensions.len());
        line.extend([metric.namespace.into(), metric.name.into()]);
        for (dimension, value) in metric.dimensions {
            line.push(dimension.into());
            line.push(value.into());
        }
        line.push(Body::map([("stat", statistic.name().into())]));
        Body::List(line)
    });
    Body::map([
        ("type", "metric".into()),
        ("x", x.into()),
        ("y", y.into()),
        ("width", width.into()),
        ("height", HEIGHT.into()),
        (
            "properties",
            Body::map([
                ("title", widget.title.into()),
                ("view", "timeSeries".into()),
                ("region", region.into()),
                ("period", 60_u32.into()),
                ("metrics", Body::list(lines)),
            ]),
        ),
    ])
}
