using System.Globalization;

namespace RealTimeMesh.Sidecar.Resiliency;

/// <summary>The codes of a retry policy's <c>matching</c>: a list such as <c>429,500-599</c>; no list matches all.</summary>
internal sealed class CodeList
{
    private readonly (int First, int Last)[] _ranges;

    private CodeList((int First, int Last)[] ranges) => _ranges = ranges;

    /// <summary>Null where the text is empty: all codes match.</summary>
    public static CodeList? Parse(string text, int lowest, int highest)
    {
        if (text.Length == 0)
            return null;
        var ranges = new List<(int, int)>();
        foreach (var part in text.Split(','))
        {
            if (part.Length > 0)
                ranges.Add(Range(part, lowest, highest));
        }

        return new CodeList([.. ranges]);
    }

    public bool Contains(int code)
    {
        foreach (var (first, last) in _ranges)
        {
            if (first <= code && code <= last)
                return true;
        }

        return false;
    }

    private static (int First, int Last) Range(string pattern, int lowest, int highest)
    {
        var ends = pattern.Split('-');
        if (ends.Length > 2)
            throw new InvalidPolicyException($"invalid pattern {pattern}, more than one '-' exists");
        var first = Code(ends[0], "start", pattern, lowest, highest);
        var last = ends.Length == 2 ? Code(ends[1], "end", pattern, lowest, highest) : first;
        return last >= first ? (first, last) : throw new InvalidPolicyException($"invalid pattern {pattern}, start value should not bigger than end value");
    }

    private static int Code(string text, string which, string pattern, int lowest, int highest)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code))
        {
            var cause = text.Length > 0 && text.AsSpan().TrimStart("+-").IndexOfAnyExceptInRange('0', '9') < 0 && text.Length > 1 ? "value out of range" : "invalid syntax";
            throw new InvalidPolicyException($"failed to parse {which} code {text} from pattern {pattern} to int, strconv.Atoi: parsing \"{text}\": {cause}");
        }

        return code >= lowest && code <= highest ? code : throw new InvalidPolicyException($"invalid pattern {pattern}, {which} code {code} is not valid");
    }
}
