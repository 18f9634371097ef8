//! The wording that this repository avoids: what a pattern finds, what to write instead, and why. docs/style.md has the
//! same list as a table, and a test compares them.
//!
//! A pattern belongs here only if a careful editor would object nearly every time it is found.

use anyhow::Context as _;
use fancy_regex::{Regex, RegexBuilder};

/// A wording to avoid.
#[derive(Debug)]
pub(super) struct Pattern {
    /// The regular expression that finds it in a passage. The case of letters does not matter.
    pub(super) find: &'static str,
    /// The wording, as the table in docs/style.md shows it, with the texts in backticks.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares it with the style guide"))]
    pub(super) not: &'static str,
    pub(super) instead: &'static str,
    pub(super) why: &'static str,
    /// A sentence with the wording.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test tries the pattern on it"))]
    pub(super) bad: &'static str,
    /// The same sentence without it.
    pub(super) good: &'static str,
}

pub(super) const PATTERNS: &[Pattern] = &[
    Pattern {
        find: r"(?:^|[.:;!(]\s+)(?-i:What) [^?]*?(?:[.;!:](?:\s|$)|$)",
        not: "`What …` at the start of a sentence that is not a question",
        instead: "begin with the noun or the verb: “The permissions of …”, “Returns …”",
        why: "the reader learns only at the end what the sentence is about",
        bad: "What the function may do.",
        good: "The permissions of the function.",
    },
    Pattern {
        find: r"(?:^|[.:;!(]\s+)(?-i:Where) [^?]*?(?:[.;!:](?:\s|$)|$)",
        not: "`Where …` at the start of a sentence that is not a question",
        instead: "“If …” for a condition, “The folder that …” for a place",
        why: "the reader cannot know whether it is a place or a condition",
        bad: "Where the file is missing, the command fails.",
        good: "If the file is missing, the command fails.",
    },
    Pattern {
        find: r"(?<!here )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|such\b|\w+er than\b)\w+",
        not: "`is no …` for “is not a …”",
        instead: "“is not a …”, “is not …”",
        why: "“no” before a noun is clear only after “there is”",
        bad: "The answer is no JSON.",
        good: "The answer is not JSON, because there is no body.",
    },
    Pattern {
        find: r"\btells\b",
        not: "`tells`",
        instead: "reports, prints, shows, returns; in a doc comment “Whether …”",
        why: "a program prints, reports or returns",
        bad: "The exit code tells whether a file differs.",
        good: "The exit code shows whether a file differs.",
    },
    Pattern {
        find: r"\btold\b",
        not: "`told`",
        instead: "reported, printed, listed, named; or “a function gets”, “the caller reads”",
        why: "a program prints, and a caller gets an answer",
        bad: "A lost address is told once.",
        good: "`review` reports a lost address once.",
    },
    Pattern {
        find: r"\b(?:no|some)body\b",
        not: "`nobody`, `somebody`",
        instead: "the role or program: the caller, an operator, another process; or “no …”",
        why: "the reader must guess who it is",
        bad: "Nobody listens to the queue.",
        good: "No function listens to the queue.",
    },
    Pattern {
        find: r"\bbeside\b",
        not: "`beside`",
        instead: "next to, compared with, in addition to",
        why: "it has all three meanings, and readers take it for “besides”",
        bad: "The time of cdktn beside that of infra-gen.",
        good: "The time of cdktn compared with that of infra-gen.",
    },
    Pattern {
        find: r"\b(?:stands?|stood|lies|lay) (?:above|alone|as|at|before|behind|below|in|next|on|outside|there|under|where)\b",
        not: "`stands in`, `lies in`, `stands where`",
        instead: "is in, is at, is after",
        why: "a text is in a file, and a file is in a folder",
        bad: "The reason stands in the file.",
        good: "The reason is in the file.",
    },
    Pattern {
        find: r"\balike\b",
        not: "`alike`",
        instead: "equal, in the same way, both",
        why: "it leaves open what is equal",
        bad: "Environments that change alike are one finding.",
        good: "Equal changes of several environments are one finding.",
    },
    Pattern {
        find: r"\bshall\b|\b(?:is|are|was|were) to be\b",
        not: "`shall`, `is to be`",
        instead: "must, may, will, or the active verb",
        why: "it leaves open whether it is a duty or a plan",
        bad: "The order is to be recorded.",
        good: "The function must record the order.",
    },
    Pattern {
        find: r", since\b",
        not: "`…, since …` for a reason",
        instead: "because",
        why: "“since” also means “from that time on”",
        bad: "The call fails, since the table is missing.",
        good: "The call fails, because the table is missing.",
    },
    Pattern {
        find: r"\b(?:goes|go|went|turns?|is|was|be|are|were) red\b",
        not: "`is red`, `goes red` of tests and jobs",
        instead: "fails",
        why: "a test fails, and a colour is not an outcome",
        bad: "The suite is red without the file.",
        good: "The suite fails without the file.",
    },
    Pattern {
        find: r"\bbe had\b|\bmend(?:s|ed|ing)?\b",
        not: "`cannot be had`, `mended`",
        instead: "is not available, is in use; fixed, repaired",
        why: "the words are archaic",
        bad: "The port cannot be had.",
        good: "The port is in use.",
    },
    Pattern {
        find: r"\b(?:say|says|said) (?:so|no|yes|nothing)\b",
        not: "`says so`, `says nothing`",
        instead: "reports it, prints nothing, has no effect, refuses",
        why: "the reader must search for what was meant",
        bad: "An expired token says so.",
        good: "The error reports an expired token.",
    },
    Pattern {
        find: r"\b(?:go|goes|going|went|gone) on\b",
        not: "`goes on`",
        instead: "continues, keeps",
        why: "it has many meanings, of which “continue” is one",
        bad: "The command goes on after an interruption.",
        good: "The command continues after an interruption.",
    },
    Pattern {
        find: r"\b(?:set|sets|setting) (?:it |them )?aside\b|\b(?:take|takes|taken|taking) (?:the |a |its |another )?(?:role )?on (?:a |the |another )?roles?\b|\btakes? a role on\b",
        not: "`set aside`, `take on a role`",
        instead: "suppress a rule, assume a role",
        why: "they are the terms of the policy pack and of AWS",
        bad: "A rule that is set aside has a reason.",
        good: "A suppressed rule has a reason.",
    },
    Pattern {
        find: r"[\w,] but for\b|\bupon\b|\bheeds?\b|\bought to\b|\bbehold\b|\bwhereupon\b",
        not: "`but for`, `upon`, `heed`, `ought to`",
        instead: "except, on, obey, must",
        why: "the words are archaic",
        bad: "All files but for the first.",
        good: "All files except the first.",
    },
];

impl Pattern {
    pub(super) fn regex(&self) -> anyhow::Result<Regex> {
        let regex = RegexBuilder::new(self.find).case_insensitive(true).build();
        regex.with_context(|| format!("the pattern {:?} is not a regular expression", self.find))
    }
}
