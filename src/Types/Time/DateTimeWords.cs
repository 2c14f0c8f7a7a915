namespace PgVectorCompat.Types;

enum WordKind { Unknown, Ignored, Special, Month, DayOfWeek, AmPm, Era, DaylightModifier, IsoTime, Unit }

enum SpecialTime { None, Now, Today, Tomorrow, Yesterday, Zulu, Epoch, Late, Early }

/// <summary>The words of dates and times. Months and days may be cut to three letters (and a few other common ways), other words may not.</summary>
static class DateTimeWords
{
    static readonly string[] Months = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
    static readonly string[] Days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

    static readonly Dictionary<string, (WordKind, int)> Words = Make();

    static Dictionary<string, (WordKind, int)> Make()
    {
        var words = new Dictionary<string, (WordKind, int)>
        {
            ["-infinity"] = (WordKind.Special, (int)SpecialTime.Early),
            ["+infinity"] = (WordKind.Special, (int)SpecialTime.Late),
            ["infinity"] = (WordKind.Special, (int)SpecialTime.Late),
            ["epoch"] = (WordKind.Special, (int)SpecialTime.Epoch),
            ["now"] = (WordKind.Special, (int)SpecialTime.Now),
            ["today"] = (WordKind.Special, (int)SpecialTime.Today),
            ["tomorrow"] = (WordKind.Special, (int)SpecialTime.Tomorrow),
            ["yesterday"] = (WordKind.Special, (int)SpecialTime.Yesterday),
            ["allballs"] = (WordKind.Special, (int)SpecialTime.Zulu),
            ["am"] = (WordKind.AmPm, 0),
            ["pm"] = (WordKind.AmPm, 1),
            ["ad"] = (WordKind.Era, 0),
            ["bc"] = (WordKind.Era, 1),
            ["at"] = (WordKind.Ignored, 0),
            ["on"] = (WordKind.Ignored, 0),
            ["dst"] = (WordKind.DaylightModifier, 0),
            ["t"] = (WordKind.IsoTime, 0),
            ["j"] = (WordKind.Unit, 'j'),
            ["jd"] = (WordKind.Unit, 'j'),
            ["julian"] = (WordKind.Unit, 'j'),
            ["sept"] = (WordKind.Month, 9),
            ["tues"] = (WordKind.DayOfWeek, 2),
            ["wednes"] = (WordKind.DayOfWeek, 3),
            ["weds"] = (WordKind.DayOfWeek, 3),
            ["thur"] = (WordKind.DayOfWeek, 4),
            ["thurs"] = (WordKind.DayOfWeek, 4),
        };
        for (var i = 0; i < Months.Length; i++)
        {
            words[Months[i]] = (WordKind.Month, i + 1);
            words[Months[i][..3]] = (WordKind.Month, i + 1);
        }
        for (var i = 0; i < Days.Length; i++)
        {
            words[Days[i]] = (WordKind.DayOfWeek, i);
            words[Days[i][..3]] = (WordKind.DayOfWeek, i);
        }
        return words;
    }

    public static bool IsKnown(string word) => Words.ContainsKey(word);

    public static (WordKind Kind, int Value) Find(string word) => Words.TryGetValue(word, out var found) ? found : (WordKind.Unknown, 0);
}
