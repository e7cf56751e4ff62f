using Microsoft.Extensions.Time.Testing;

namespace RealTimeMesh.Testing;

/// <summary>
/// A clock on which every pause of 2 s or less is over as soon as it begins; the time it takes passes all the same.
/// Limits longer than that end only by such pauses, so that no slow machine reaches them.
/// </summary>
public sealed class HastyTime : FakeTimeProvider
{
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime >= TimeSpan.Zero && dueTime <= s_longestPause)
            Advance(dueTime);

        return timer;
    }
}
