using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Console.Letters;

/// <summary>What is asked for many letters.</summary>
/// <param name="Kind"><c>redrive</c>, <c>edit</c>, <c>discard</c> or <c>reopen</c>.</param>
public sealed record LetterWork(string Kind, LetterFilter Filter, string? To, string? Rate, string? Expression, string? Reason)
{
    public static readonly IReadOnlyList<string> Kinds = ["redrive", "edit", "discard", "reopen"];

    /// <summary>Whether it says enough to be previewed.</summary>
    public bool IsWhole => Kind switch { "edit" => Expression is not null, "discard" => Reason is not null, _ => true };

    /// <summary>Address of the service for it.</summary>
    public string Path => $"/v1/{Kind}s";

    public static LetterWork From(string kind, IQueryCollection query) => new(kind, LetterFilter.From(query), Text(query["to"]), Text(query["rate"]), Text(query["expression"]), Text(query["reason"]));

    public static LetterWork From(string kind, IFormCollection form) => new(kind, LetterFilter.From(form), Text(form["to"]), Text(form["rate"]), Text(form["expression"]), Text(form["reason"]));

    /// <param name="token">Of the preview: the work is refused where the selection has grown since.</param>
    public IReadOnlyDictionary<string, object> Body(string? token)
    {
        var body = new Dictionary<string, object> { ["filter"] = Filter.Body() };
        Add("token", token);
        Add("to", To);
        Add("expression", Expression);
        Add("reason", Reason);
        if (int.TryParse(Rate, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var rate) && rate > 0)
            body["rate"] = rate;
        return body;

        void Add(string name, string? value)
        {
            if (value is not null)
                body[name] = value;
        }
    }

    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();
}
