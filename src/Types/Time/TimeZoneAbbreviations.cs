using System.Collections.Frozen;
using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>The abbreviations that input accepts for time zones (PostgreSQL's default set), each with one fixed offset.</summary>
public static class TimeZoneAbbreviations
{
    // Abbreviation, offset east of Greenwich in quarters of an hour, d for daylight saving time.
    const string Table = """
        ACDT+42d ACSST+42d ACST+38 ACT-20 ACWST+35 ADT-12d AEDT+44d AESST+44d AEST+40 AFT+18 AKDT-32d AKST-36 ALMST+28d
        ALMT+24 AMST+16 AMT-16 ANAST+48 ANAT+48 ARST-12 ART-12 AST-16 AWSST+36d AWST+32 AZOST+0d AZOT-4 AZST+16 AZT+16 BDST+8d
        BDT+24 BNT+32 BORT+32 BOT-16 BRA-12 BRST-8d BRT-12 BST+4d BTT+24 CADT+42d CAST+38 CCT+32 CDT-20d CEST+8d CET+4
        CETDST+8d CHADT+55d CHAST+51 CHUT+40 CKT-40 CLST-12d CLT-12d COT-20 CST-24 CXT+28 DAVT+28 DDUT+40 EASST-20d EAST-20d
        EAT+12 EDT-16d EEST+12d EET+8 EETDST+12d EGST+0d EGT-4 EST-20 FET+12 FJST+52d FJT+48 FKST-12 FKT-12 FNST-4d FNT-8
        GALT-24 GAMT-36 GEST+16 GET+16 GFT-12 GILT+48 GMT+0 GYT-16 HKT+32 HST-40 ICT+28 IDT+12d IOT+24 IRKST+32 IRKT+32 IRT+14
        IST+8 JAYT+36 JST+36 KDT+40d KGST+24d KGT+24 KOST+44 KRAST+28 KRAT+28 KST+36 LHDT+44d LHST+42 LIGT+40 LINT+56 LKT+22
        MAGST+44 MAGT+44 MART-38 MAWT+20 MDT-24d MEST+8d MESZ+8d MET+4 METDST+8d MEZ+4 MHT+48 MMT+26 MPT+40 MSD+16d MSK+12
        MST-28 MUST+20d MUT+16 MVT+20 MYT+32 NDT-10d NFT-14 NOVST+28 NOVT+28 NPT+23 NST-14 NUT-44 NZDT+52d NZST+48 NZT+48
        OMSST+24 OMST+24 PDT-28d PET-20 PETST+48 PETT+48 PGT+40 PHT+32 PKST+24d PKT+20 PMDT-8d PMST-12 PONT+44 PST-32 PWT+36
        PYST-12d PYT-12 RET+16 SADT+42d SAST+8 SCT+16 SGT+32 TAHT-40 TFT+20 TJT+20 TKT+52 TMT+20 TOT+52 TRUT+40 TVT+48 UCT+0
        ULAST+36d ULAT+32 UT+0 UTC+0 UYST-8d UYT-12 UZST+24d UZT+20 VET-16 VLAST+40 VLAT+40 VOLT+12 VUT+44 WADT+32d WAKT+48
        WAST+28 WAT+4 WDT+36d WET+0 WETDST+4d WFT+48 WGST-8d WGT-12 XJT+24 YAKST+36 YAKT+36 YAPT+40 YEKST+24d YEKT+20 Z+0
        ZULU+0
        """;

    static readonly FrozenDictionary<string, TimeZoneOffset> ByName = Read();

    static FrozenDictionary<string, TimeZoneOffset> Read()
    {
        var offsets = new Dictionary<string, TimeZoneOffset>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in Table.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries))
        {
            var sign = entry.IndexOfAny(['+', '-']);
            var quarters = int.Parse(entry.AsSpan(sign).TrimEnd('d'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            offsets.Add(entry[..sign], new(quarters * 900, entry.EndsWith('d'), entry[..sign]));
        }
        return offsets.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>All of them, by name.</summary>
    public static IEnumerable<TimeZoneOffset> All => ByName.Values.OrderBy(offset => offset.Abbreviation, StringComparer.Ordinal);

    /// <summary>The offset of an abbreviation in any case, null when it is none.</summary>
    public static TimeZoneOffset? Find(string abbreviation) => ByName.TryGetValue(abbreviation, out var offset) ? offset : null;
}
