using System.Text;

namespace PgVectorCompat.Types;

/// <summary>Paths as PostgreSQL prints them: <c>$."a"[*]?(@ > 1)</c>.</summary>
static class JsonPathText
{
    public static string Of(PathNode root)
    {
        var text = new StringBuilder();
        Write(root, text, inParens: true);
        return text.ToString();
    }

    static int Priority(PathNode node) => node switch
    {
        PathLogical { IsAnd: false } => 0,
        PathLogical => 1,
        PathComparison or PathStartsWith => 2,
        PathArithmetic { Operator: '+' or '-' } => 3,
        PathArithmetic => 4,
        PathSign => 5,
        _ => 6,
    };

    static void Write(PathNode node, StringBuilder text, bool inParens)
    {
        switch (node)
        {
            case PathChain chain:
                Write(chain.Start, text, inParens: chain.Start is not PathLiteral);
                foreach (var step in chain.Steps) Write(step, text);
                break;
            case PathRoot:
                text.Append('$');
                break;
            case PathCurrent:
                text.Append('@');
                break;
            case PathLast:
                text.Append("last");
                break;
            case PathLiteral { Value: var value }:
                text.Append(value);
                break;
            case PathVariable { Name: var name }:
                text.Append('$').Append(Quoted(name));
                break;
            case PathArithmetic e:
                Infix(e, e.Left, e.Operator.ToString(), e.Right);
                break;
            case PathComparison e:
                Infix(e, e.Left, e.Operator, e.Right);
                break;
            case PathLogical e:
                Infix(e, e.Left, e.IsAnd ? "&&" : "||", e.Right);
                break;
            case PathStartsWith e:
                Infix(e, e.Whole, "starts with", e.Start);
                break;
            case PathSign e:
                if (inParens) text.Append('(');
                text.Append(e.IsMinus ? '-' : '+');
                Write(e.Operand, text, Priority(e.Operand) <= Priority(e));
                if (inParens) text.Append(')');
                break;
            case PathNot e:
                text.Append("!(");
                Write(e.Operand, text, inParens: false);
                text.Append(')');
                break;
            case PathIsUnknown e:
                text.Append('(');
                Write(e.Operand, text, inParens: false);
                text.Append(") is unknown");
                break;
            case PathExists e:
                text.Append("exists (");
                Write(e.Operand, text, inParens: false);
                text.Append(')');
                break;
            case PathLikeRegex e:
                if (inParens) text.Append('(');
                Write(e.Operand, text, Priority(e.Operand) <= Priority(e));
                text.Append(" like_regex ").Append(Quoted(e.Pattern));
                if (e.Flags != "") text.Append(" flag ").Append(Quoted(e.Flags));
                if (inParens) text.Append(')');
                break;
        }

        void Infix(PathNode whole, PathNode left, string between, PathNode right)
        {
            if (inParens) text.Append('(');
            Write(left, text, Priority(left) <= Priority(whole));
            text.Append(' ').Append(between).Append(' ');
            Write(right, text, Priority(right) <= Priority(whole));
            if (inParens) text.Append(')');
        }
    }

    static void Write(PathStep step, StringBuilder text)
    {
        switch (step)
        {
            case PathKey { Name: var name }:
                text.Append('.').Append(Quoted(name));
                break;
            case PathAnyKey:
                text.Append(".*");
                break;
            case PathAnyElement:
                text.Append("[*]");
                break;
            case PathDescent(0, int.MaxValue):
                text.Append(".**");
                break;
            case PathDescent e:
                text.Append(".**{").Append(Level(e.First));
                if (e.First != e.Last) text.Append(" to ").Append(Level(e.Last));
                text.Append('}');
                break;
            case PathSubscripts e:
                text.Append('[');
                for (var i = 0; i < e.Ranges.Length; i++)
                {
                    if (i > 0) text.Append(',');
                    Write(e.Ranges[i].From, text, inParens: false);
                    if (e.Ranges[i].To is not { } to) continue;
                    text.Append(" to ");
                    Write(to, text, inParens: false);
                }
                text.Append(']');
                break;
            case PathMethod { Name: var name }:
                text.Append('.').Append(name).Append("()");
                break;
            case PathFilter e:
                text.Append("?(");
                Write(e.Condition, text, inParens: false);
                text.Append(')');
                break;
        }
    }

    static string Level(int level) => level == int.MaxValue ? "last" : level.ToString(System.Globalization.CultureInfo.InvariantCulture);

    static string Quoted(string text) => JsonbValue.Of(text).ToString();
}
