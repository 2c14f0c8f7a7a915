using System.Text;

namespace PgVectorCompat.Sql;

/// <summary>SQL text in the making, broken and indented as PostgreSQL shows view definitions.</summary>
/// <param name="isIndented">False: everything on one line, as PostgreSQL shows defaults and checks.</param>
sealed class SqlText(bool isIndented)
{
    /// <summary>Indentation of a query inside another.</summary>
    public const int Step = 8;

    /// <summary>Indentation of a list's further items.</summary>
    public const int ItemStep = 4;

    /// <summary>From here on deeper queries move by less, so that lines do not run out to the right.</summary>
    const int MaxIndent = 40;

    readonly StringBuilder _text = new();

    public bool IsIndented { get; } = isIndented;

    public int Indent { get; set; }

    public SqlText Add(string text)
    {
        _text.Append(text);
        return this;
    }

    /// <summary>Writes each item with <paramref name="separator"/> between.</summary>
    public SqlText AddList<T>(IEnumerable<T> items, Action<T> write, string separator = ", ")
    {
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst) Add(separator);
            isFirst = false;
            write(item);
        }
        return this;
    }

    public SqlText AddNames(IEnumerable<string> names) => AddList(names, name => Add(Identifiers.Quote(name)));

    /// <summary>Writes <paramref name="text"/> on a new line if lines are broken.</summary>
    /// <param name="before">Changes the indentation before, <paramref name="after"/> after it; <paramref name="plus"/> indents this line only.</param>
    public SqlText Clause(string text, int before = 0, int after = 0, int plus = 0)
    {
        if (!IsIndented) return Add(text);

        Indent += before;
        while (_text.Length > 0 && _text[^1] == ' ')
            _text.Length--;
        var level = Math.Max(Indent, 0);
        if (level >= MaxIndent) level = MaxIndent + (level - MaxIndent) / (Step / 2) % (MaxIndent / 2);
        if (_text.Length == 0 || _text[^1] != '\n') _text.Append('\n');
        _text.Append(' ', level + plus).Append(text);
        Indent = Math.Max(Indent + after, 0);
        return this;
    }

    public override string ToString() => _text.ToString();
}
