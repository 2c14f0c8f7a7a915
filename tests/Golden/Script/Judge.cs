using System.Text;
using System.Text.RegularExpressions;
using PgVectorCompat.Golden.Wire;

namespace PgVectorCompat.Golden.Script;

/// <summary>Compares a reply with a record's expectation, or writes the reply down as the expectation.</summary>
static class Judge
{
    static readonly (char Letter, string Name)[] ErrorFields =
    [
        ('P', "position"), ('D', "detail"), ('H', "hint"), ('W', "context"),
        ('s', "schema"), ('t', "table"), ('c', "column"), ('d', "datatype"), ('n', "constraint"),
    ];

    /// <summary>What differs, or null when the reply is as expected.</summary>
    public static string? Compare(Record record, Reply reply)
    {
        if (ExpectsError(record))
        {
            if (reply.Error is null) return $"expected error ({record.SqlState}) {record.Message}\n  got {reply.Tag}";
            return CompareError(record, reply.Error) ?? CompareNotices(record, reply);
        }
        if (reply.Error is { } error) return "unexpected error " + Describe(error);

        var difference = record.Kind switch
        {
            RecordKind.StatementCount or RecordKind.CopyIn => CompareCount(record, reply),
            RecordKind.Query => CompareRows(record, reply),
            RecordKind.CopyOut => CompareLines(record.Expected, CopyLines(record, reply)),
            _ => null,
        };
        return difference ?? CompareNotices(record, reply);
    }

    /// <summary>Makes the reply the expectation. False when the record's kind does not allow it.</summary>
    public static bool Fill(Record record, Reply reply)
    {
        if (record.Kind == RecordKind.Draft) Classify(record, reply);
        if (ExpectsError(record) != (reply.Error is not null)) return record.Kind == RecordKind.CopyIn && FillCopyIn(record, reply);

        record.Fields = [.. record.Fields.Where(f => f.Name == "notice").Select(_ => ("notice", ""))];
        switch (record.Kind)
        {
            case RecordKind.StatementError:
                FillError(record, reply.Error!);
                break;
            case RecordKind.StatementCount:
                record.Count = TagCount(reply);
                break;
            case RecordKind.Query:
                record.Types = Types(reply);
                record.Expected = Rows(record, reply);
                break;
            case RecordKind.CopyIn:
                FillCopyIn(record, reply);
                break;
            case RecordKind.CopyOut:
                record.Expected = CopyLines(record, reply);
                break;
        }
        if (reply.Notices.Count > 0) record.Fields = [.. record.Fields.Where(f => f.Name != "notice"), .. Notices(reply)];
        return true;
    }

    public static string Describe(Report error) => $"({error.SqlState}) {error.Message}"
        + string.Concat(ErrorFields.Where(f => error.Field(f.Letter) is not null).Select(f => $"\n    {f.Name}: {error.Field(f.Letter)}"));

    static bool ExpectsError(Record record)
        => record.Kind == RecordKind.StatementError || record is { Kind: RecordKind.CopyIn, SqlState: not null };

    static void Classify(Record record, Reply reply)
    {
        var isDml = reply.Tag.Split(' ') is ["INSERT" or "UPDATE" or "DELETE" or "MERGE", ..];
        record.Kind = reply switch
        {
            { Error: not null } => RecordKind.StatementError,
            { CopyOut: not null } => RecordKind.CopyOut,
            { Columns.Count: > 0 } => RecordKind.Query,
            _ when reply.Tag.StartsWith("SELECT", StringComparison.Ordinal) => RecordKind.Query,
            _ => isDml ? RecordKind.StatementCount : RecordKind.StatementOk,
        };
        if (reply.Rows.Count > 1 && !record.Sql.Contains("order by", StringComparison.OrdinalIgnoreCase)
            && record.Sql.Contains(" from ", StringComparison.OrdinalIgnoreCase)
            && !record.Sql.StartsWith("FETCH", StringComparison.OrdinalIgnoreCase))
            record.Order = RowOrder.Rowsort;
    }

    static bool FillCopyIn(Record record, Reply reply)
    {
        (record.SqlState, record.Message, record.Count) = (null, null, null);
        if (reply.Error is { } error) FillError(record, error);
        else record.Count = TagCount(reply);
        return true;
    }

    static void FillError(Record record, Report error)
    {
        record.SqlState = error.SqlState;
        if (record.Message is not ['/', .., '/']) record.Message = error.Message;
        record.Fields = [.. ErrorFields.Where(f => IsChecked(f.Letter, error)).Select(f => (f.Name, error.Field(f.Letter)!))];
    }

    // Other contexts name PostgreSQL's internals; COPY's says which line and column is wrong, and users rely on it.
    static bool IsChecked(char letter, Report error)
        => error.Field(letter) is { } value && (letter != 'W' || value.StartsWith("COPY ", StringComparison.Ordinal));

    static string? CompareError(Record record, Report error)
    {
        if (error.SqlState != record.SqlState || !MessageMatches(record.Message!, error.Message))
            return $"expected ({record.SqlState}) {record.Message}\n  got {Describe(error)}";

        foreach (var (name, value) in record.Fields)
        {
            if (name == "notice") continue;
            var letter = ErrorFields.FirstOrDefault(f => f.Name == name).Letter;
            if (letter == 0) return $"\"{name}\" is no error field";
            if (!MessageMatches(value, error.Field(letter) ?? "")) return $"expected {name}: {value}\n  got {Describe(error)}";
        }
        return null;
    }

    static bool MessageMatches(string expected, string actual) => expected is ['/', .., '/']
        ? Regex.IsMatch(actual, expected[1..^1], RegexOptions.Singleline)
        : expected == actual;

    /// <summary>Notices are compared when the record lists any.</summary>
    static string? CompareNotices(Record record, Reply reply)
    {
        var expected = record.Fields.Where(f => f.Name == "notice").Select(f => f.Value).ToArray();
        if (expected.Length == 0) return null;
        var actual = Notices(reply).Select(n => n.Value).ToArray();
        return expected.SequenceEqual(actual)
            ? null
            : $"expected notices\n    {string.Join("\n    ", expected)}\n  got\n    {string.Join("\n    ", actual)}";
    }

    static IEnumerable<(string Name, string Value)> Notices(Reply reply)
        => reply.Notices.Select(n => ("notice", $"{n.Severity} ({n.SqlState}) {n.Message}"));

    static string? CompareCount(Record record, Reply reply)
        => record.Count == TagCount(reply) ? null : $"expected {record.Count} rows\n  got {reply.Tag}";

    static long TagCount(Reply reply) => long.TryParse(reply.Tag.Split(' ')[^1], out var count) ? count : 0;

    static string? CompareRows(Record record, Reply reply)
    {
        if (record.Types is { } types && types != Types(reply))
            return $"expected column types {types}\n  got {Types(reply)} ({string.Join(", ", reply.Columns.Select(c => $"{c.Name} {c.TypeOid}"))})";
        return CompareLines(record.Expected, Rows(record, reply));
    }

    static string? CompareLines(List<string> expected, List<string> actual)
    {
        if (expected.SequenceEqual(actual)) return null;
        var text = new StringBuilder("expected");
        foreach (var line in expected) text.Append("\n    ").Append(line);
        text.Append("\n  got");
        foreach (var line in actual) text.Append("\n    ").Append(line);
        return text.ToString();
    }

    static List<string> Rows(Record record, Reply reply)
    {
        IEnumerable<string> rows = reply.Rows.Select(row => row.Length == 0 ? "(no columns)" : string.Join('\t', row.Select(Cell.Write)));
        if (record.Order == RowOrder.Rowsort) rows = rows.Order(StringComparer.Ordinal);
        if (record.Order == RowOrder.Valuesort) rows = reply.Rows.SelectMany(row => row.Select(Cell.Write)).Order(StringComparer.Ordinal);
        if (record.Header) rows = rows.Prepend(string.Join('\t', reply.Columns.Select(c => Cell.Write(c.Name))));
        return [.. rows];
    }

    const int HexBytesPerLine = 32;

    static List<string> CopyLines(Record record, Reply reply)
    {
        if (record.IsBinary)
            return [.. (reply.CopyOut ?? []).Chunk(HexBytesPerLine).Select(Convert.ToHexStringLower)];
        var text = Encoding.UTF8.GetString([.. reply.CopyOut ?? []]);
        return text == "" ? [] : [.. text.TrimEnd('\n').Split('\n')];
    }

    /// <summary>A letter per column: I integers, R other numbers, B boolean, T the rest; "-" when there are no columns.</summary>
    static string Types(Reply reply) => string.Concat(reply.Columns.Select(c => c.TypeOid switch
    {
        20 or 21 or 23 or 26 => 'I',
        700 or 701 or 1700 => 'R',
        16 => 'B',
        _ => 'T',
    }));
}
