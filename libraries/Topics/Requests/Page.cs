namespace RealTimeMesh.Topics.Requests;

/// <summary>A part of a list.</summary>
/// <param name="Next">What to ask for as <c>after</c> for what follows; null at the end.</param>
/// <param name="Total">How many the search found in all.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next, int Total);

/// <summary>Cuts pages out of sorted names.</summary>
public static class Paging
{
    public const int DefaultLimit = 50;
    public const int MostLimit = 500;

    /// <summary>The names after one, that contain a text, at most so many.</summary>
    public static Page<string> Of(IReadOnlyList<string> sorted, string? search, string? after, int? limit)
    {
        var count = limit ?? DefaultLimit;
        if (count is < 1 or > MostLimit)
            throw Refuse.Invalid("limit", $"{count}", $"1 to {MostLimit}");
        var found = sorted.Where(name => string.IsNullOrEmpty(search) || name.Contains(search, StringComparison.OrdinalIgnoreCase)).ToArray();
        var page = found.Where(name => after is null || string.CompareOrdinal(name, after) > 0).Take(count + 1).ToArray();
        return page.Length > count ? new(page[..count], page[count - 1], found.Length) : new(page, null, found.Length);
    }

    public static async Task<Page<T>> SelectAsync<T>(this Page<string> names, Func<IReadOnlyList<string>, Task<IReadOnlyList<T>>> describe) =>
        new(await describe(names.Items), names.Next, names.Total);
}
