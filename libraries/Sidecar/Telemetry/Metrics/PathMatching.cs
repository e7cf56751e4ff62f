namespace RealTimeMesh.Sidecar.Telemetry.Metrics;

/// <summary>
/// Patterns of paths as Go's ServeMux reads them: <c>{name}</c> is one segment, <c>{name...}</c> and a final slash are
/// any number, and of several that match the one with the earlier literal segment wins.
/// </summary>
internal sealed class PathMatching
{
    private const string InvokePrefix = "/v1.0/invoke/";

    private readonly Pattern[] _patterns;

    public PathMatching(IReadOnlyList<string> patterns)
    {
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var raw in patterns)
        {
            var path = "/" + string.Join('/', raw.Split('/', StringSplitOptions.RemoveEmptyEntries)) + (raw.Length > 1 && raw.EndsWith('/') ? "/" : "");
            all.Add(path);
            // A pattern of the app's own paths also holds for its invocation.
            if (!path.StartsWith(InvokePrefix, StringComparison.Ordinal))
                all.Add($"{InvokePrefix}{{app_id}}/method{path}");
        }

        _patterns = [.. all.Select(text => new Pattern(text))];
    }

    /// <summary>The pattern a path falls under, or null.</summary>
    public string? Match(string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        Pattern? best = null;
        foreach (var pattern in _patterns)
        {
            if (pattern.Matches(segments) && (best is null || pattern.IsMoreSpecificThan(best)))
                best = pattern;
        }

        return best?.Text;
    }

    private sealed class Pattern
    {
        private readonly string?[] _segments;
        private readonly bool _isPrefix;

        public Pattern(string text)
        {
            Text = text;
            var parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries);
            _isPrefix = text.EndsWith('/') || (parts.Length > 0 && parts[^1].EndsWith("...}", StringComparison.Ordinal));
            if (_isPrefix && !text.EndsWith('/'))
                parts = parts[..^1];
            _segments = [.. parts.Select(part => part.StartsWith('{') && part.EndsWith('}') ? null : part)];
        }

        public string Text { get; }

        public bool Matches(string[] path)
        {
            if (_isPrefix ? path.Length < _segments.Length : path.Length != _segments.Length)
                return false;
            for (var i = 0; i < _segments.Length; i++)
            {
                if (_segments[i] is { } literal && literal != path[i])
                    return false;
            }

            return true;
        }

        public bool IsMoreSpecificThan(Pattern other)
        {
            for (var i = 0; i < Math.Min(_segments.Length, other._segments.Length); i++)
            {
                if (_segments[i] is null != other._segments[i] is null)
                    return _segments[i] is not null;
            }

            return _segments.Length > other._segments.Length || (_segments.Length == other._segments.Length && !_isPrefix && other._isPrefix);
        }
    }
}
