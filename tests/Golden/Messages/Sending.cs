using System.Globalization;
using System.Text;
using PgVectorCompat.Golden.Script;
using PgVectorCompat.Golden.Wire;

namespace PgVectorCompat.Golden.Messages;

/// <summary>
/// Turns a line into a message. Words are parted by blanks; one in double quotes may hold blanks and the escapes of <see cref="Cell"/>.
/// <code>
/// Startup 3.0 user=postgres database=postgres     SSLRequest     GSSENCRequest     Cancel
/// Query "SELECT 1"                  Parse name "SELECT $1" 23 25
/// Bind portal statement [formats] (values) [result formats]      Describe S|P name      Execute portal rows      Close S|P name
/// FunctionCall oid|name(types) [formats] (values) result format
/// Sync   Flush   Terminate   CopyData "1\n"   CopyDone   CopyFail "why"   Raw 51000004   Finish (end of sending)
/// </code>
/// </summary>
static class Sending
{
    public static void Put(MessageStream stream, string line)
    {
        var words = Words(line);
        switch (words[0])
        {
            case "Startup": PutStartup(stream, words); break;
            case "SSLRequest": stream.Put('\0', body => body.Int32(80877103)); break;
            case "GSSENCRequest": stream.Put('\0', body => body.Int32(80877104)); break;
            case "Query": stream.Put('Q', body => body.String(words[1])); break;
            case "Parse": PutParse(stream, words); break;
            case "Bind": PutBind(stream, words); break;
            case "Describe" or "Close": PutNamed(stream, words[0][0], words[1][0], words[2]); break;
            case "Execute":
                stream.Put('E', body =>
                {
                    body.String(words[1]);
                    body.Int32(words.Count > 2 ? Number(words[2]) : 0);
                });
                break;
            case "FunctionCall": PutFunctionCall(stream, words); break;
            case "Sync": stream.Put('S'); break;
            case "Flush": stream.Put('H'); break;
            case "Terminate": stream.Put('X'); break;
            case "CopyData": stream.Put('d', body => body.Bytes(Encoding.Latin1.GetBytes(words[1]))); break;
            case "CopyDone": stream.Put('c'); break;
            case "CopyFail": stream.Put('f', body => body.String(words[1])); break;
            case "Raw": stream.PutRaw(Convert.FromHexString(words[1])); break;
            default: throw new FormatException($"unknown message \"{words[0]}\"");
        }
    }

    static void PutStartup(MessageStream stream, List<string> words) => stream.Put('\0', body =>
    {
        var version = words[1].Split('.');
        body.Int32(Number(version[0]) << 16 | Number(version[1]));
        foreach (var setting in words.Skip(2))
        {
            var equals = setting.IndexOf('=');
            body.String(setting[..equals]);
            body.String(setting[(equals + 1)..]);
        }
        body.String("");
    });

    static void PutParse(MessageStream stream, List<string> words) => stream.Put('P', body =>
    {
        body.String(words[1]);
        body.String(words[2]);
        body.Int16(words.Count - 3);
        foreach (var oid in words.Skip(3)) body.Int32(Number(oid));
    });

    static void PutBind(MessageStream stream, List<string> words) => stream.Put('B', body =>
    {
        body.String(words[1]);
        body.String(words[2]);
        var rest = PutValues(body, words.Skip(3).ToList());
        PutFormats(body, rest);
    });

    static void PutFunctionCall(MessageStream stream, List<string> words) => stream.Put('F', body =>
    {
        body.Int32(Number(words[1]));
        var rest = PutValues(body, words.Skip(2).ToList());
        body.Int16(Number(rest.Single()));
    });

    /// <summary>Format codes, then values; gives the words behind them.</summary>
    static IEnumerable<string> PutValues(BodyWriter body, List<string> words)
    {
        var values = words.FindIndex(word => word.StartsWith('(') || word == "()");
        PutFormats(body, words.Take(values < 0 ? 0 : values));
        var parameters = words.Skip(Math.Max(values, 0)).TakeWhile(word => word.StartsWith('(')).Select(word => word[1..^1]).ToList();
        if (parameters is [""]) parameters = [];
        body.Int16(parameters.Count);
        foreach (var parameter in parameters)
        {
            if (parameter == "NULL")
            {
                body.Int32(-1);
                continue;
            }
            var bytes = parameter.StartsWith("0x", StringComparison.Ordinal) ? Convert.FromHexString(parameter[2..]) : Encoding.UTF8.GetBytes(parameter);
            body.Int32(bytes.Length);
            body.Bytes(bytes);
        }
        return words.Skip(Math.Max(values, 0)).SkipWhile(word => word.StartsWith('('));
    }

    static void PutFormats(BodyWriter body, IEnumerable<string> formats)
    {
        var codes = formats.Select(Number).ToList();
        body.Int16(codes.Count);
        foreach (var code in codes) body.Int16(code);
    }

    static void PutNamed(MessageStream stream, char type, char kind, string name) => stream.Put(type, body =>
    {
        body.Byte(kind);
        body.String(name);
    });

    static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    /// <summary>Splits at blanks outside quotes and parentheses.</summary>
    static List<string> Words(string line)
    {
        var words = new List<string>();
        for (var i = 0; i < line.Length;)
        {
            if (line[i] == ' ')
            {
                i++;
                continue;
            }
            var end = line[i] switch
            {
                '"' => line.IndexOf('"', i + 1) + 1,
                '(' => line.IndexOf(')', i) + 1,
                _ => line.IndexOf(' ', i),
            };
            if (end <= 0) end = line.Length;
            var word = line[i..end];
            words.Add(word.StartsWith('"') ? Cell.Read(word[1..^1]) ?? "NULL" : word);
            i = end;
        }
        return words;
    }
}
