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
