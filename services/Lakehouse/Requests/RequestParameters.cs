using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Lakehouse.Requests;

/// <summary>
/// Reads the query of a request and collects what is wrong with it. A name that nobody asked for is a fault too: a mistyped
/// <c>version</c> must not quietly become the newest one.
/// </summary>
internal sealed class RequestParameters(IQueryCollection query)
{
    public const int MaxLimit = 1_000;

    private readonly List<RequestFault> _faults = [];
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public int Limit(int fallback, int most = MaxLimit) => (int)(Whole("limit", 1, most) ?? fallback);

    public long? Whole(string name, long least, long most)
    {
        if (Text(name) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        Fault(name, text, string.Create(CultureInfo.InvariantCulture, $"a whole number {(most == long.MaxValue ? $"from {least} on" : $"from {least} to {most}")}"));
        return null;
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
            return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return time;
        Fault(name, text, "a date or a time in ISO 8601, such as 2026-11-23T10:00:00Z");
        return null;
    }

    public bool Flag(string name)
    {
        if (Text(name) is not { } text)
            return false;
        if (bool.TryParse(text, out var flag))
            return flag;
        Fault(name, text, "true or false");
        return false;
    }

    /// <summary>The value; null where there is none or it is empty.</summary>
    public string? Text(string name)
    {
        _asked.Add(name);
        if (!query.TryGetValue(name, out var values))
            return null;
        if (values.Count > 1)
            Fault(name, $"{values.Count} values", "one");
        return values[0] is { Length: > 0 } text ? text : null;
    }

    public void Fault(string name, string found, string expected, string? cure = null) =>
        _faults.Add(new RequestFault(name, $"'{found}'", expected, cure ?? $"give such a {name} or leave it out"));

    /// <summary>The refusal of all that was wrong, or null. Call it after everything was read.</summary>
    public IResult? Refusal()
    {
        foreach (var name in query.Keys.Where(name => !_asked.Contains(name)))
            Fault(name, name, $"one of {string.Join(", ", _asked.Order(StringComparer.Ordinal))}", "correct the name or leave it out");
        return _faults.Count == 0 ? null : Refusals.BadRequest(_faults);
    }
}
