namespace RealTimeMesh.Ingestion.Tenants;

/// <summary>
/// All tenants at work. Those whom the limits file does not name are remembered up to a bound, the longest silent one
/// making room; where all of them are busy a new one shares a rate with others of its kind, so that inventing names gains nothing.
/// </summary>
internal sealed class TenantDirectory(IngestionOptions options, TimeProvider time)
{
    /// <summary>Tenant of requests that name none.</summary>
    public const string DefaultName = "default";

    public const string OtherLabel = "other";

    /// <summary>A bucket that has had so long to fill is as good as a new one.</summary>
    private static readonly TimeSpan Silent = TimeSpan.FromMinutes(1);

    private const int MaxNameLength = 128;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Tenant> _tenants = new(StringComparer.Ordinal);
    private TenantLimits _limits = TenantLimits.None;
    private Tenant? _shared;
    private long? _forgot;

    public int Count
    {
        get
        {
            lock (_lock)
                return _tenants.Count;
        }
    }

    /// <summary>The tenant that a header's value names.</summary>
    public Tenant Of(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
            name = DefaultName;
        if (name.Length > MaxNameLength)
            name = name[..MaxNameLength];
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (!_tenants.TryGetValue(name, out var tenant))
                tenant = Add(name, now);
            tenant.LastSeen = now;
            return tenant;
        }
    }

    /// <summary>Applies new limits. A tenant whose limits stay as they were keeps what it has used of them.</summary>
    public void Apply(TenantLimits limits)
    {
        lock (_lock)
        {
            _limits = limits;
            if (_shared?.Limit != limits.Default)
                _shared = null;
            foreach (var name in _tenants.Where(tenant => tenant.Value.Limit != LimitOf(tenant.Key) || tenant.Value.Label != LabelOf(tenant.Key)).Select(tenant => tenant.Key).ToList())
                _tenants.Remove(name);
        }
    }

    private Tenant Add(string name, long now)
    {
        if (_tenants.Count >= options.MaxTenants && !_limits.Tenants.ContainsKey(name) && !TryForget(now))
            return _shared ??= new Tenant(OtherLabel, OtherLabel, _limits.Default, time);
        return _tenants[name] = new Tenant(name, LabelOf(name), LimitOf(name), time);
    }

    /// <summary>Forgets those who have been silent so long that they lose nothing by it.</summary>
    private bool TryForget(long now)
    {
        // Looking through all of them for each new name would be an attack's lever.
        if (_forgot is { } last && time.GetElapsedTime(last, now) < TimeSpan.FromSeconds(1))
            return false;
        _forgot = now;
        var before = _tenants.Count;
        foreach (var (name, tenant) in _tenants)
        {
            if (time.GetElapsedTime(tenant.LastSeen, now) > Silent + TimeSpan.FromSeconds(tenant.Limit.BurstSeconds))
                _tenants.Remove(name);
        }

        return _tenants.Count < before;
    }

    private RateLimit LimitOf(string name) => _limits.Tenants.GetValueOrDefault(name, _limits.Default);

    private string LabelOf(string name) => name == DefaultName || _limits.Tenants.ContainsKey(name) ? name : OtherLabel;
}
