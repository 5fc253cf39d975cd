//! Documents to measure on: four kinds that stress a reader in four ways, the same bytes on every machine.

use std::fmt::Write;

/// What a document is mostly made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Records of a dozen short elements.
    Flat,
    /// Orders with lines and taxes inside, with attributes here and there.
    Nested,
    /// Empty elements with a dozen attributes each.
    Attributes,
    /// Articles: long text, paragraphs with markup in them, CDATA.
    Text,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Flat, Self::Nested, Self::Attributes, Self::Text];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Nested => "nested",
            Self::Attributes => "attr",
            Self::Text => "text",
        }
    }

    /// A document of at least so many bytes.
    pub(crate) fn document(self, bytes: usize) -> String {
        let mut random = Random(7);
        let mut out = String::with_capacity(bytes + (64 << 10));
        out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<corpus>\n");
        let mut id = 0;
        while out.len() < bytes {
            id += 1;
            // Writing into a string cannot fail.
            let _ = match self {
                Self::Flat => record(&mut out, &mut random, id),
                Self::Nested => order(&mut out, &mut random, id),
                Self::Attributes => post(&mut out, &mut random, id),
                Self::Text => article(&mut out, &mut random, id),
            };
        }
        out.push_str("</corpus>\n");
        out
    }
}

/// A linear congruential generator; the high bits are good enough for a choice of words.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let choice = usize::try_from(self.below(choices.len() as u64)).unwrap_or_default();
        choices[choice]
    }

    fn word(&mut self) -> &'static str {
        self.one_of(&WORDS)
    }

    fn words(&mut self, least: u64, spread: u64) -> String {
        let count = least + self.below(spread);
        (0..count).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }

    fn date(&mut self) -> String {
        format!("20{:02}-{:02}-{:02}", self.below(26), 1 + self.below(12), 1 + self.below(28))
    }

    fn clock(&mut self) -> String {
        format!("{:02}:{:02}:{:02}", self.below(24), self.below(60), self.below(60))
    }
}

const WORDS: [&str; 24] = [
    "harbour", "ledger", "crème", "north", "signal", "paper", "open", "stone", "garden", "über", "market", "winter",
    "engine", "letter", "数据", "copper", "valley", "ticket", "silver", "bridge", "order", "light", "naïve", "record",
];
const CITIES: [&str; 6] = ["Lisboa", "Malmö", "Osaka", "Quito", "Gdańsk", "Turin"];
const CURRENCIES: [&str; 4] = ["EUR", "USD", "JPY", "CHF"];

fn record(out: &mut String, random: &mut Random, id: u64) -> std::fmt::Result {
    writeln!(out, "  <record>\n    <id>{id}</id>\n    <name>{} {}</name>", random.word(), random.word())?;
    writeln!(out, "    <email>user{}@example.com</email>", random.below(1_000_000))?;
    writeln!(out, "    <city>{}</city>", random.one_of(&CITIES))?;
    writeln!(out, "    <amount>{}.{:02}</amount>", random.below(100_000), random.below(100))?;
    writeln!(out, "    <currency>{}</currency>", random.one_of(&CURRENCIES))?;
    writeln!(out, "    <created>{}T{}Z</created>", random.date(), random.clock())?;
    writeln!(out, "    <active>{}</active>\n    <score>{}</score>", random.below(2) == 0, random.below(1_000))?;
    let aside = if random.below(8) == 0 { " &amp; more, \"quoted\"" } else { "" };
    writeln!(out, "    <comment>{}{aside}</comment>", random.words(4, 8))?;
    if random.below(4) == 0 {
        writeln!(out, "    <optional>{}</optional>", random.below(100))?;
    }
    if random.below(3) == 0 {
        writeln!(out, "    <empty/>")?;
    }
    writeln!(out, "  </record>")
}

fn order(out: &mut String, random: &mut Random, id: u64) -> std::fmt::Result {
    let status = random.one_of(&["new", "paid", "shipped"]);
    writeln!(out, "  <order id=\"{id}\" status=\"{status}\">\n    <customer type=\"b2b\">")?;
    writeln!(out, "      <name>{} {}</name>", random.word(), random.word())?;
    for kind in ["billing", "shipping"] {
        write!(out, "      <address kind=\"{kind}\"><street>{} {}</street>", random.word(), random.below(200))?;
        writeln!(out, "<city>{}</city><zip>{:05}</zip></address>", random.one_of(&CITIES), random.below(100_000))?;
    }
    for _ in 0..random.below(3) {
        writeln!(out, "      <phone>+{}-{}</phone>", random.below(99), random.below(10_000_000))?;
    }
    writeln!(out, "    </customer>\n    <lines>")?;
    for line in 1..=1 + random.below(6) {
        writeln!(out, "      <line no=\"{line}\">\n        <sku>SKU-{:06}</sku>", random.below(1_000_000))?;
        writeln!(out, "        <qty>{}</qty>", 1 + random.below(20))?;
        let currency = random.one_of(&CURRENCIES);
        writeln!(
            out,
            "        <price currency=\"{currency}\">{}.{:02}</price>",
            random.below(1_000),
            random.below(100)
        )?;
        for tax in 0..random.below(3) {
            let (rate, cents) = (random.below(25), random.below(100));
            write!(out, "        <tax code=\"T{tax}\"><rate>{rate}</rate>")?;
            writeln!(out, "<amount>{}.{cents:02}</amount></tax>", random.below(100))?;
        }
        writeln!(out, "      </line>")?;
    }
    writeln!(out, "    </lines>\n    <total>{}.{:02}</total>", random.below(10_000), random.below(100))?;
    writeln!(out, "    <note>{}</note>\n  </order>", random.words(3, 10))
}

fn post(out: &mut String, random: &mut Random, id: u64) -> std::fmt::Result {
    write!(out, "  <row Id=\"{id}\" PostTypeId=\"{}\"", 1 + random.below(2))?;
    write!(out, " CreationDate=\"{}T{}.{:03}\"", random.date(), random.clock(), random.below(1_000))?;
    write!(out, " Score=\"{}\" ViewCount=\"{}\"", random.below(500), random.below(100_000))?;
    write!(out, " OwnerUserId=\"{}\"", random.below(1_000_000))?;
    write!(out, " LastActivityDate=\"{}T00:00:00.000\"", random.date())?;
    write!(out, " AnswerCount=\"{}\" CommentCount=\"{}\"", random.below(10), random.below(20))?;
    write!(out, " ContentLicense=\"CC BY-SA {}.0\" Title=\"{}\"", 2 + random.below(3), random.words(4, 8))?;
    write!(out, " Tags=\"&lt;{}&gt;&lt;{}&gt;\"", random.word(), random.word())?;
    if random.below(3) == 0 {
        write!(out, " ClosedDate=\"{}T00:00:00\"", random.date())?;
    }
    writeln!(out, " />")
}

fn article(out: &mut String, random: &mut Random, id: u64) -> std::fmt::Result {
    writeln!(out, "  <article id=\"a{id}\">\n    <title>{}</title>", random.words(5, 8))?;
    write!(out, "    <abstract>{}", random.words(60, 120))?;
    write!(out, " &lt;b&gt; &#233;&#x4E2D; &amp; end</abstract>\n    <body>")?;
    for _ in 0..3 + random.below(5) {
        write!(out, "<p>{} <em>{}</em> ", random.words(40, 120), random.word())?;
        writeln!(out, "{}.</p>", random.words(20, 40))?;
    }
    writeln!(out, "</body>\n    <raw><![CDATA[{} <not-a-tag> & raw]]></raw>\n  </article>", random.words(40, 80))
}
