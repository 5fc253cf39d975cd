//! The options of `ret convert` that take one of several words, and what all options mean to a conversion.

use clap::ValueEnum;
use ret::{
    conversion::{
        CsvOptions, ExternalEntities, Format, Layout, LineEnd, MixedContent, NamespaceMode, NamespaceRules,
        ParserOptions, Repeated, Structure, TextMode,
    },
    services::conversions::{ConvertRequest, OnError},
};

use super::Arguments;

/// A delimiter as it can be typed.
pub(super) fn delimiter(text: &str) -> Result<char, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(character), None) => Ok(character),
        _ => Err("takes one character, or tab".into()),
    }
}

/// What is asked of the conversion.
pub(super) fn request(arguments: &Arguments) -> ConvertRequest {
    let csv = CsvOptions {
        delimiter: arguments.delimiter,
        bom: arguments.bom,
        guard_formulas: arguments.guard_formulas,
        line_end: if arguments.crlf { LineEnd::Crlf } else { LineEnd::Lf },
        quote_empty: arguments.quote_empty,
    };
    let format = match arguments.format {
        FormatName::Csv => Format::Csv,
        FormatName::Xlsx => Format::Xlsx,
        FormatName::Jsonl => Format::Jsonl,
        FormatName::Parquet => Format::Parquet,
    };
    let on_error = if arguments.strict { OnError::Fail } else { OnError::Skip };
    ConvertRequest {
        layout: match arguments.layout {
            LayoutName::Auto => Layout::Auto,
            LayoutName::Flat => Layout::Flat,
            LayoutName::Relational => Layout::Relational,
        },
        record: arguments.record.clone(),
        repeated: match arguments.repeated {
            RepeatedName::Index => Repeated::Index,
            RepeatedName::Join => Repeated::Join,
            RepeatedName::Explode => Repeated::Explode,
        },
        namespaces: match arguments.namespaces {
            NamespacesName::Strip => NamespaceMode::Strip,
            NamespacesName::Prefix => NamespaceMode::Prefix,
            NamespacesName::Uri => NamespaceMode::Uri,
        },
        mixed: match arguments.mixed {
            MixedName::Text => MixedContent::Text,
            MixedName::Xml => MixedContent::Xml,
        },
        text: match arguments.text {
            TextName::Trim => TextMode::Trim,
            TextName::Keep => TextMode::Keep,
        },
        structure: match arguments.structure {
            StructureName::Values => Structure::Values,
            StructureName::Complete => Structure::Complete,
        },
        format,
        csv,
        on_error,
        ..ConvertRequest::default()
    }
}

/// The options of the parser: those given here, else those of the settings.
pub(super) fn parser_options(arguments: &Arguments, settings: ParserOptions) -> ParserOptions {
    ParserOptions {
        external_entities: arguments.external_entities.map_or(settings.external_entities, |name| match name {
            ExternalEntitiesName::Refuse => ExternalEntities::Refuse,
            ExternalEntitiesName::Skip => ExternalEntities::Skip,
        }),
        namespace_rules: arguments.namespace_rules.map_or(settings.namespace_rules, |name| match name {
            NamespaceRulesName::Apply => NamespaceRules::Apply,
            NamespaceRulesName::Ignore => NamespaceRules::Ignore,
        }),
    }
}

/// A note on each option that changes nothing beside the others. One that says what is done anyway deserves none.
pub(super) fn without_effect(request: &ConvertRequest) -> Vec<String> {
    let (csv, usual) = (&request.csv, CsvOptions::default());
    let given = [
        ("--delimiter", csv.delimiter != usual.delimiter),
        ("--bom", csv.bom != usual.bom),
        ("--crlf", csv.line_end != usual.line_end),
        ("--guard-formulas", csv.guard_formulas != usual.guard_formulas),
        ("--quote-empty", csv.quote_empty != usual.quote_empty),
    ];
    let in_vain = given.into_iter().filter(|(_, is_given)| *is_given && request.format != Format::Csv);
    let mut notes: Vec<String> =
        in_vain.map(|(option, _)| format!("{option} has no effect: it is for --format csv")).collect();
    if request.layout != Layout::Flat && request.repeated != Repeated::default() {
        let why = "it is for --layout flat; other layouts give elements that repeat a table of their own";
        notes.push(format!("--repeated has no effect: {why}"));
    }
    if request.record.is_some() && (request.layout == Layout::Relational || request.structure == Structure::Complete) {
        notes.push(
            "--record has no effect on which rows there are: relational tables have them for all elements that repeat"
                .into(),
        );
    }
    notes
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum LayoutName {
    /// Flat if nothing repeats inside the record, else relational.
    Auto,
    /// One table with a row for each record.
    Flat,
    /// One table for each element that repeats, joined by keys.
    Relational,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum TextName {
    /// It goes, unless the document says that it is to be preserved.
    Trim,
    /// Every character stays.
    Keep,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum RepeatedName {
    /// A column for each occurrence.
    Index,
    /// One cell with all values.
    Join,
    /// One row for each.
    Explode,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum StructureName {
    /// What the values need.
    Values,
    /// All that it takes to build the document again, in the layout relational.
    Complete,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum NamespacesName {
    /// Local names; siblings that would become equal get their prefix back.
    Strip,
    /// prefix:local.
    Prefix,
    /// {uri}local.
    Uri,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum MixedName {
    /// The text in reading order.
    Text,
    /// The markup inside the element.
    Xml,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum ExternalEntitiesName {
    /// It is an error.
    Refuse,
    /// It contributes nothing, and a warning tells how often.
    Skip,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum NamespaceRulesName {
    /// Prefixes must be declared.
    Apply,
    /// Names are taken as written.
    Ignore,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum FormatName {
    /// Comma-separated values (RFC 4180).
    Csv,
    /// Workbooks for spreadsheets.
    Xlsx,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet, if this build has it.
    Parquet,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(change: impl FnOnce(&mut ConvertRequest)) -> Vec<String> {
        let mut request = ConvertRequest::default();
        change(&mut request);
        let option = |note: String| note.split(' ').next().unwrap_or_default().to_owned();
        without_effect(&request).into_iter().map(option).collect()
    }

    #[test]
    fn each_option_that_changes_nothing_is_named() {
        let all_of_csv = |request: &mut ConvertRequest| {
            request.csv = CsvOptions {
                delimiter: ';',
                bom: true,
                guard_formulas: true,
                line_end: LineEnd::Crlf,
                quote_empty: true,
            };
        };
        assert!(notes(all_of_csv).is_empty());
        let with_lines = notes(|request| {
            all_of_csv(request);
            request.format = Format::Jsonl;
        });
        assert_eq!(with_lines, ["--delimiter", "--bom", "--crlf", "--guard-formulas", "--quote-empty"]);
        for (layout, expected) in [(Layout::Auto, 1), (Layout::Relational, 1), (Layout::Flat, 0)] {
            let of_repeated = notes(|request| (request.layout, request.repeated) = (layout, Repeated::Join));
            assert_eq!(of_repeated, vec!["--repeated"; expected], "{layout:?}");
        }
        for (layout, structure, expected) in [
            (Layout::Auto, Structure::Values, 0),
            (Layout::Flat, Structure::Values, 0),
            (Layout::Relational, Structure::Values, 1),
            (Layout::Auto, Structure::Complete, 1),
        ] {
            let of_record = notes(|request| {
                request.record = Some("book".into());
                (request.layout, request.structure) = (layout, structure);
            });
            assert_eq!(of_record, vec!["--record"; expected], "{layout:?} {structure:?}");
        }
    }
}
