using System.Text;

namespace PgVectorCompat.Protocol;

/// <summary>
/// Prepares a password as RFC 4013 says, so that the same password typed on different systems gives the same bytes.
/// </summary>
/// <remarks>
/// A password that SASLprep forbids is used as it is: PostgreSQL and libpq do the same. Normalization (NFKC) is asked of the
/// runtime, which without ICU leaves text as it is; composed text, as keyboards produce it, is unaffected.
/// </remarks>
static class SaslPrep
{
    public static string Prepare(string password)
    {
        if (Ascii.IsValid(password))
            return password;

        var mapped = new StringBuilder(password.Length);
        foreach (var rune in password.EnumerateRunes())
        {
            if (IsProhibited(rune))
                return password;
            if (IsNonAsciiSpace(rune.Value))
                mapped.Append(' ');
            else if (!IsMappedToNothing(rune.Value))
                mapped.Append(rune);
        }
        var prepared = mapped.ToString().Normalize(NormalizationForm.FormKC);
        return prepared.Length == 0 ? password : prepared;
    }

    /// <summary>RFC 3454 table C.1.2.</summary>
    static bool IsNonAsciiSpace(int c) => c is 0xA0 or 0x1680 or (>= 0x2000 and <= 0x200B) or 0x202F or 0x205F or 0x3000;

    /// <summary>RFC 3454 table B.1.</summary>
    static bool IsMappedToNothing(int c)
        => c is 0xAD or 0x34F or 0x1806 or (>= 0x180B and <= 0x180D) or 0x200C or 0x200D or 0x2060 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF;

    /// <summary>RFC 3454 tables C.2 to C.9: control characters, private use, surrogates (as replacement), tags.</summary>
    static bool IsProhibited(Rune rune) => rune.Value is
        < 0x20 or (>= 0x7F and < 0xA0) or 0x6DD or 0x70F or 0x180E or 0x200E or 0x200F or 0x2028 or 0x2029
        or (>= 0x202A and <= 0x202E) or (>= 0x2061 and <= 0x2063) or (>= 0x206A and <= 0x206F) or (>= 0x2FF0 and <= 0x2FFB)
        or 0x340 or 0x341 or (>= 0xE000 and <= 0xF8FF) or (>= 0xFDD0 and <= 0xFDEF) or (>= 0xFFF9 and <= 0xFFFF)
        or (>= 0x1D173 and <= 0x1D17A) or (>= 0xE0000 and <= 0xE007F) or >= 0xF0000;
}
