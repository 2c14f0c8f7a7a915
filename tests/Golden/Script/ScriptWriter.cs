using System.Text;

namespace PgVectorCompat.Golden.Script;

/// <summary>Writes a script back with its expectations filled in; comments and conditions stay as they were.</summary>
static class ScriptWriter
{
    public static void Write(ScriptFile script)
    {
        var text = new StringBuilder();
        foreach (var record in script.Records)
        {
            // Every record ends with the blank line that parts it from the next.
            foreach (var line in record.Preamble.SkipWhile(line => line == "")) text.Append(line).Append('\n');
            WriteRecord(record, text);
        }
        foreach (var line in script.Trailer) text.Append(line).Append('\n');
        File.WriteAllText(script.Path, text.ToString().TrimEnd('\n') + '\n');
    }

    static void WriteRecord(Record record, StringBuilder text)
    {
        text.Append(Header(record)).Append('\n');
        if (record.Kind is RecordKind.Restart or RecordKind.Halt)
        {
            text.Append('\n');
            return;
        }
        text.Append(record.Sql).Append('\n');

        var hasFields = record.Fields.Count > 0;
        switch (record.Kind)
        {
            case RecordKind.Query:
                Block(record.Expected, end: "");
                break;
            case RecordKind.CopyOut:
                Block(record.Expected, ScriptParser.DataEnd);
                break;
            case RecordKind.CopyIn:
                Block(record.Data, ScriptParser.DataEnd);
                if (hasFields) foreach (var (name, value) in record.Fields) text.Append(Field(name, value));
                text.Append('\n');
                break;
            default:
                if (hasFields) Block([.. record.Fields.Select(f => Field(f.Name, f.Value).TrimEnd('\n'))], end: "");
                else text.Append('\n');
                break;
        }

        void Block(IReadOnlyList<string> lines, string end)
        {
            text.Append(ScriptParser.Separator).Append('\n');
            foreach (var line in lines) text.Append(line).Append('\n');
            text.Append(end).Append('\n');
        }
    }

    static string Field(string name, string value) => $"{name}: {Cell.Escape(value)}\n";

    static string Header(Record record) => record.Kind switch
    {
        RecordKind.StatementOk => "statement ok",
        RecordKind.StatementCount => $"statement count {record.Count}",
        RecordKind.StatementError => $"statement error ({record.SqlState}) {record.Message}",
        RecordKind.Query => string.Join(' ', QueryWords(record)),
        RecordKind.CopyIn when record.SqlState is not null => $"copy in error ({record.SqlState}) {record.Message}",
        RecordKind.CopyIn => $"copy in {record.Count}",
        RecordKind.CopyOut => "copy out",
        RecordKind.Restart => "restart",
        RecordKind.Halt => "halt",
        _ => record.Sql.Split('\n')[0],
    };

    static IEnumerable<string> QueryWords(Record record)
    {
        yield return "query";
        if (!string.IsNullOrEmpty(record.Types)) yield return record.Types;
        if (record.Order == RowOrder.Rowsort) yield return "rowsort";
        if (record.Order == RowOrder.Valuesort) yield return "valuesort";
        if (record.Header) yield return "header";
    }
}
