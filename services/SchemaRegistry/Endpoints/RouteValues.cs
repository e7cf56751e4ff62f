using System.Globalization;

namespace RealTimeMesh.SchemaRegistry.Endpoints;

/// <summary>Parts of paths and queries.</summary>
internal static class RouteValues
{
    /// <summary>A subject's name. An escaped slash arrives still escaped, everything else decoded.</summary>
    public static string Subject(string value) => SubjectName.Normalize(Raw(value));

    /// <summary>A subject that schemas may be registered under.</summary>
    public static string NewSubject(string value) =>
        SubjectName.IsValid(Raw(value)) ? Subject(value) : throw RegistryException.InvalidSubject(Raw(value));

    /// <summary>A subject, a context, or null for all, that settings are of.</summary>
    public static string? Settings(string? value, bool mustBeValid)
    {
        if (value is null || Raw(value) is ":.:" or ":.")
            return null;

        return !mustBeValid || SubjectName.IsValid(Raw(value), forSettings: true) ? Subject(value) : throw RegistryException.InvalidSubject(Raw(value));
    }

    /// <summary>A version; null for the latest, which clients write as <c>latest</c> or -1.</summary>
    public static int? Version(string value)
    {
        var text = value.Trim();
        if (text.Equals("latest", StringComparison.OrdinalIgnoreCase) || text == "-1")
            return null;

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var version) && version >= 1
            ? version
            : throw RegistryException.InvalidVersion(value);
    }

    public static int Id(string value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new RegistryException(StatusCodes.Status404NotFound, "HTTP 404 Not Found");

    public static bool Flag(this HttpRequest request, string name) => string.Equals(request.Query[name], "true", StringComparison.OrdinalIgnoreCase);

    public static string? Text(this HttpRequest request, string name) => request.Query.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary>The part of a list that <c>offset</c> and <c>limit</c> ask for; a limit that is none, or above the highest, is the highest.</summary>
    public static IEnumerable<T> Page<T>(this HttpRequest request, IEnumerable<T> items, int highest = int.MaxValue)
    {
        var limit = Number(request, "limit", -1);
        return items.Skip(Math.Max(0, Number(request, "offset", 0))).Take(limit > 0 && limit <= highest ? limit : highest);
    }

    private static int Number(HttpRequest request, string name, int missing)
    {
        if (request.Text(name) is not { } text)
            return missing;

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new RegistryException(StatusCodes.Status404NotFound, "HTTP 404 Not Found");
    }

    private static string Raw(string value) => value.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
