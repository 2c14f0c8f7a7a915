namespace PgVectorCompat.Golden.Script;

/// <summary>Reads the format described in docs/testing.md.</summary>
sealed class ScriptParser
{
    public const string Separator = "----";

    /// <summary>Ends a block of COPY data, which may itself hold blank lines.</summary>
    public const string DataEnd = "\\.";

    readonly string _path;
    readonly string[] _lines;
    readonly bool _drafts;
    readonly List<Record> _records = [];
    readonly List<Condition> _fileConditions = [];
    int _next;

    ScriptParser(string path, bool drafts)
    {
        _path = path;
        _lines = File.ReadAllLines(path);
        _drafts = drafts;
    }

    /// <param name="path">The file to read.</param>
    /// <param name="drafts">Bare SQL is allowed, one record a line ending in a semicolon.</param>
    public static ScriptFile Parse(string path, bool drafts = false) => new ScriptParser(path, drafts).Parse();

    ScriptFile Parse()
    {
        var preamble = new List<string>();
        var conditions = new List<Condition>();
        var connection = Record.MainConnection;
        IReadOnlyList<string?>? parameters = null;
        var background = false;
        var waits = false;

        while (_next < _lines.Length)
        {
            var line = _lines[_next++];
            var (word, rest) = Split(line);
            switch (word)
            {
                case "" or "#":
                    break;
                case "differs":
                    _fileConditions.Add(new(false, Modes.Postgres, Need(rest, "a reason")));
                    break;
                case "skipfile":
                    _fileConditions.Add(ParseCondition(false, rest));
                    break;
                case "onlyfile":
                    _fileConditions.Add(ParseCondition(true, rest));
                    break;
                case "skipif":
                    conditions.Add(ParseCondition(false, rest));
                    break;
                case "onlyif":
                    conditions.Add(ParseCondition(true, rest));
                    break;
                case "connection":
                    connection = Need(rest, "a name");
                    break;
                case "bind":
                    parameters = [.. rest.Split('\t').Select(Cell.Read)];
                    break;
                case "background":
                    background = true;
                    break;
                case "waits":
                    background = waits = true;
                    break;
                default:
                    _records.Add(ParseRecord(word, rest, preamble, conditions, connection, parameters, background, waits));
                    preamble = [];
                    conditions = [];
                    connection = Record.MainConnection;
                    parameters = null;
                    background = waits = false;
                    continue;
            }
            preamble.Add(line);
        }
        return new(_path, _records, _fileConditions, preamble);
    }

    Record ParseRecord(
        string word, string rest, IReadOnlyList<string> preamble, IReadOnlyList<Condition> conditions,
        string connection, IReadOnlyList<string?>? parameters, bool background, bool waits)
    {
        var line = _next;
        var (kind, argument) = Kind(word, rest);
        if (kind == RecordKind.Draft) _next--;
        var isStatement = kind is not (RecordKind.Restart or RecordKind.Halt);
        var sql = isStatement ? ReadSql(kind == RecordKind.Draft) : "";
        var hasBlock = isStatement && kind != RecordKind.Draft && _next > 0 && _lines[_next - 1] == Separator;
        var data = kind == RecordKind.CopyIn && hasBlock ? ReadUntil(DataEnd) : [];

        var record = new Record
        {
            Kind = kind, Line = line, Preamble = preamble, Sql = sql, Conditions = conditions,
            Connection = connection, Parameters = parameters, Background = background, Waits = waits, Data = data,
        };
        ReadArgument(record, argument);
        ReadExpected(record, hasBlock);
        return record;
    }

    (RecordKind Kind, string Argument) Kind(string word, string rest)
    {
        var (second, tail) = Split(rest);
        return (word, second) switch
        {
            ("statement", "ok") => (RecordKind.StatementOk, tail),
            ("statement", "count") => (RecordKind.StatementCount, tail),
            ("statement", "error") => (RecordKind.StatementError, tail),
            ("query", _) => (RecordKind.Query, rest),
            ("copy", "in") => (RecordKind.CopyIn, tail),
            ("copy", "out") => (RecordKind.CopyOut, tail),
            ("restart", "") => (RecordKind.Restart, ""),
            ("halt", "") => (RecordKind.Halt, ""),
            _ when _drafts => (RecordKind.Draft, ""),
            _ => throw Error($"unknown record \"{word} {rest}\""),
        };
    }

    void ReadArgument(Record record, string argument)
    {
        switch (record.Kind)
        {
            case RecordKind.StatementCount when argument != "":
                record.Count = long.Parse(argument);
                break;
            case RecordKind.StatementError:
                ReadError(record, argument);
                break;
            case RecordKind.CopyIn when argument.StartsWith("error", StringComparison.Ordinal):
                ReadError(record, argument["error".Length..].Trim());
                break;
            case RecordKind.CopyIn when argument != "":
                record.Count = long.Parse(argument);
                break;
            case RecordKind.Query:
                foreach (var option in argument.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    ReadOption(record, option);
                break;
        }
    }

    void ReadError(Record record, string argument)
    {
        if (argument == "") return;
        if (argument.Length < 7 || argument[0] != '(' || argument[6] != ')') throw Error("an error is written (SQLSTATE) message");
        record.SqlState = argument[1..6];
        record.Message = argument[7..].Trim();
    }

    void ReadOption(Record record, string option)
    {
        switch (option)
        {
            case "rowsort": record.Order = RowOrder.Rowsort; break;
            case "valuesort": record.Order = RowOrder.Valuesort; break;
            case "nosort": record.Order = RowOrder.AsSent; break;
            case "header": record.Header = true; break;
            default:
                if (option.Any(c => !"IRBT".Contains(c))) throw Error($"\"{option}\" is neither column types nor an option");
                record.Types = option;
                break;
        }
    }

    void ReadExpected(Record record, bool hasBlock)
    {
        switch (record.Kind)
        {
            case RecordKind.Query when hasBlock:
                record.Expected = ReadUntil("");
                break;
            case RecordKind.CopyOut when hasBlock:
                record.Expected = ReadUntil(DataEnd);
                break;
            case RecordKind.StatementOk or RecordKind.StatementCount or RecordKind.StatementError or RecordKind.CopyIn when hasBlock:
                record.Fields = [.. ReadUntil("").Select(ReadField)];
                break;
        }
    }

    (string, string) ReadField(string line)
    {
        var colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0) throw Error($"a field is written name: value, not \"{line}\"");
        return (line[..colon], Cell.Read(line[(colon + 2)..]) ?? "");
    }

    string ReadSql(bool draft)
    {
        var start = _next;
        while (_next < _lines.Length)
        {
            var line = _lines[_next++];
            if (line is "" or Separator) return string.Join('\n', _lines[start..(_next - 1)]);
            if (draft && line.EndsWith(';')) break;
        }
        return string.Join('\n', _lines[start.._next]);
    }

    List<string> ReadUntil(string end)
    {
        var block = new List<string>();
        while (_next < _lines.Length && _lines[_next++] is var line && line != end)
            block.Add(line);
        return block;
    }

    Condition ParseCondition(bool only, string rest)
    {
        var (mode, reason) = Split(rest);
        if (!Modes.All.Contains(mode)) throw Error($"unknown mode \"{mode}\"");
        return new(only, mode, Need(reason, "a reason"));
    }

    string Need(string text, string what) => text != "" ? text : throw Error($"missing {what}");

    FormatException Error(string message) => new($"{_path}:{_next}: {message}");

    /// <summary>The first word of a line and the rest; a comment's word is its mark.</summary>
    static (string Word, string Tail) Split(string line)
    {
        if (line.StartsWith('#')) return ("#", line);
        var text = line.Trim(' ');
        var space = text.IndexOf(' ');
        return space < 0 ? (text, "") : (text[..space], text[(space + 1)..].TrimStart());
    }
}
