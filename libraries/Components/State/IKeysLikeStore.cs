namespace RealTimeMesh.Components;

/// <summary>A store that can list its keys by pattern (capability <c>KEYS_LIKE</c>). Optional, beside <see cref="IStateStore"/>.</summary>
public interface IKeysLikeStore
{
    /// <summary>Keys that match, expired ones left out. Throws <see cref="StatePatternException"/> where the pattern or the token is wrong.</summary>
    Task<StateKeysPage> KeysLikeAsync(StateKeysQuery query, CancellationToken cancellationToken);
}

/// <summary>A store that can delete by prefix (capability <c>DELETE_WITH_PREFIX</c>). Optional, beside <see cref="IStateStore"/>.</summary>
public interface IPrefixDeletingStore
{
    /// <summary>
    /// Deletes the keys that begin with the prefix, to which <c>||</c> is added where it does not end so, and have no further <c>||</c> after it.
    /// Returns how many. Throws <see cref="StatePatternException"/> where the prefix is empty.
    /// </summary>
    Task<long> DeleteWithPrefixAsync(string prefix, CancellationToken cancellationToken);
}

/// <summary>Which keys to list.</summary>
/// <param name="Pattern">SQL LIKE: <c>%</c> any text, <c>_</c> any character, <c>\</c> takes the next character as it is.</param>
public sealed record StateKeysQuery(string Pattern)
{
    /// <summary>From the page before; null for the first.</summary>
    public string? ContinuationToken { get; init; }

    /// <summary>Most keys in a page; null for all.</summary>
    public int? PageSize { get; init; }
}

/// <summary>Keys of a page. <see cref="ContinuationToken"/> is null where there are no more.</summary>
public sealed record StateKeysPage(IReadOnlyList<string> Keys, string? ContinuationToken);
