using RealTimeMesh.DeadLetters.Letters;
using RealTimeMesh.DeadLetters.Storing;

namespace RealTimeMesh.SqliteDeadLetters;

/// <summary>Carries changes out; within a transaction.</summary>
internal sealed class LetterChanger(Session session, GroupIndex groups)
{
    public IReadOnlySet<long> Apply(LetterChanges changes)
    {
        var changed = new HashSet<long>();
        var at = LetterTime.Of(changes.At);
        var bytes = 0L;
        foreach (var change in changes.Letters)
        {
            if (Apply(change, changes.Who, at, ref bytes))
                changed.Add(change.Number);
        }

        if (bytes > 0)
            session.Execute("UPDATE totals SET bytes = bytes + $1", bytes);
        if (changes.Job?.Invoke(changed) is { } job)
            session.Execute("INSERT INTO jobs VALUES ($1, $2) ON CONFLICT DO UPDATE SET job = excluded.job", job.Id, job.Json);
        groups.Flush(session);
        return changed;
    }

    private bool Apply(LetterChange change, string who, long at, ref long bytes)
    {
        int group, version;
        using (var rows = session.Query("SELECT group_no, state, version, job FROM letters WHERE no = $1", change.Number))
        {
            if (!rows.Read() || rows.GetInt32(1) != (int)change.From)
                return false;
            if (change.From == LetterState.Redriving && LetterRows.Text(rows, 3) != change.Job)
                return false;
            (group, version) = (rows.GetInt32(0), rows.GetInt32(2));
        }

        var holds = version;
        if (change.Edit is { } edit)
        {
            if (edit.Parent != version)
                return false;
            holds = (int)session.Number("SELECT max(version) FROM edits WHERE no = $1", change.Number) + 1;
            session.Execute("INSERT INTO edits VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", change.Number, holds, version, at, who, edit.What, edit.Key, edit.Value.ToArray());
            session.Execute("UPDATE letters SET bytes = bytes + $1 WHERE no = $2", edit.Value.Length, change.Number);
            bytes += edit.Value.Length;
        }
        else if (change.Undo)
        {
            if (version == 0)
                return false;
            holds = (int)session.Number("SELECT parent FROM edits WHERE no = $1 AND version = $2", change.Number, version);
        }

        if (change.From != change.To)
            groups.Move(group, change.From, change.To);
        session.Execute(
            "UPDATE letters SET state = $1, version = $2, redrives = redrives + $3, job = coalesce($4, job) WHERE no = $5",
            (int)change.To, holds, change.CountsRedrive ? 1 : 0, change.Job, change.Number);
        if (change.What is { } what)
            session.Execute("INSERT INTO history VALUES ($1, $2, $3, $4, $5)", change.Number, at, what, who, change.Detail);
        return true;
    }
}
