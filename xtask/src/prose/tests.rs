use std::process::Command;

use super::*;

/// A repository with one file.
fn repository(file: &str, text: &str) -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let git = Command::new("git").arg("init").arg("-q").arg(folder.path()).status().unwrap();
    assert!(git.success());
    let path = folder.path().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    let root = folder.path().to_owned();
    (folder, Workspace { root, ..Workspace::here().unwrap() })
}

#[test]
fn a_finding_has_the_place_the_text_and_the_fix() {
    #[track_caller]
    fn check_file(file: &str, text: &str, expected: &[(&str, &str)]) {
        let (_folder, workspace) = repository(file, text);
        let Outcome { findings, passed, failed } = check(&workspace).unwrap();
        assert_eq!(findings.len(), expected.len(), "{findings:?}");
        assert_eq!((passed + failed, failed == 0), (PATTERNS.len() + 1, findings.is_empty()));
        for (Finding { place, problem }, (position, begin)) in findings.iter().zip(expected) {
            assert_eq!(*place, format!("{file}:{position}"));
            assert!(problem.starts_with(begin) && problem.contains("\n  fix: "), "{problem}");
        }
    }
    check_file("README.md", "# Orders\n\nThe queue stores orders.\n", &[]);
    // Inline code, and blocks of code.
    check_file("README.md", "`it shall`\n\n```sh\nshall\n```\n", &[]);
    check_file(
        "docs/a.md",
        "Ünder it:\n\n- one\n  shall run\n\n| a | it shall |\n",
        &[("4:3", "`shall`: "), ("6:10", "`shall`: ")],
    );
    // A text that continues on the next line.
    check_file(
        "src/a.rs",
        "/// The file stands\n/// in a folder.\nfn a() {}\n",
        &[("1:14", "`stands in`: ")],
    );
    check_file(
        "src/a.rs",
        "fn a() {\n    let a = \"one\\n  two, \\\n        it shall {a}\";\n}\n",
        &[("3:12", "`shall`: ")],
    );
    check_file("src/a.rs", "fn every_state_shall_end() {}\n", &[("1:16", "`shall`: ")]);
    check_file(
        "a.toml",
        "a = 1 # shall\nb = \"shall\"\nc = \"it shall\"\n",
        &[("1:9", "`shall`: "), ("3:9", "`shall`: ")],
    );
    check_file("a.py", "\"\"\"One.\n\nIt shall.\n\"\"\"\n", &[("3:4", "`shall`: ")]);
    // Spelling: the same word twice, in a comment and in a message.
    check_file(
        "src/a.rs",
        "// I recieve and recieve.\nfn a() { b(\"they recieve\") }\n",
        &[
            ("1:6", "`recieve` is misspelled"),
            ("1:18", "`recieve` is misspelled"),
            ("2:18", "`recieve` is misspelled"),
        ],
    );
    // Code and placeholders are not prose.
    check_file("src/a.rs", "fn a() { b(\"{shall} and {{shall}}\") }\n", &[]);
    check_file(
        "src/a.rs",
        "fn a<'a>() { shall('\\'', '\"', \"shall\", r#\"{\"a\": \"it shall\"}\"#) }\n",
        &[],
    );
    check_file("a.js", "const a = `one ${shall ? 1 : 2} two`;\n", &[]);
    check_file("generated/dev/a.md", "It shall.\n", &[]);
}

#[test]
fn a_pattern_finds_its_bad_sentence_and_not_its_good_one() {
    for pattern in PATTERNS {
        let finds = |pattern: &Pattern, text: &str| {
            let prose = Prose { file: "a.md".to_owned(), passages: markdown::document(text) };
            !worded(pattern, &[prose]).unwrap().is_empty()
        };
        assert!(finds(pattern, pattern.bad), "{pattern:?}");
        for any in PATTERNS {
            assert!(!finds(any, pattern.good), "{}: {:?}", any.find, pattern.good);
        }
    }
}

#[test]
fn the_style_guide_lists_the_patterns() {
    let root = Workspace::here().unwrap().root;
    let text = fs::read_to_string(root.join("docs/style.md")).unwrap();
    let row = |it: &Pattern| format!("| {} | {} | {} |\n", it.not, it.instead, it.why);
    let rows: String = PATTERNS.iter().map(row).collect();
    assert!(text.contains(&rows), "docs/style.md needs these rows:\n{rows}");
}
