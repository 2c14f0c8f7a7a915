using static PgVectorCompat.Engine.SystemViews.SystemRows;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>System tables of objects that cannot be made here. Clients ask for them all the same and find none.</summary>
static class EmptyTables
{
    public static readonly SystemTable[] All =
    [
        Empty(2620, "pg_trigger",
            "oid oid, tgrelid oid, tgparentid oid, tgname name, tgfoid oid, tgtype int2, tgenabled char, tgisinternal bool, tgconstrrelid oid, tgconstrindid oid, tgconstraint oid, " +
            "tgdeferrable bool, tginitdeferred bool, tgnargs int2, tgattr int2vector, tgargs bytea, tgqual pg_node_tree, tgoldtable name, tgnewtable name"),
        Empty(3256, "pg_policy", "oid oid, polname name, polrelid oid, polcmd char, polpermissive bool, polroles _oid, polqual pg_node_tree, polwithcheck pg_node_tree"),
        Empty(3381, "pg_statistic_ext",
            "oid oid, stxrelid oid, stxname name, stxnamespace oid, stxowner oid, stxstattarget int4, stxkeys int2vector, stxkind _char, stxexprs pg_node_tree"),
        Empty(6104, "pg_publication", "oid oid, pubname name, pubowner oid, puballtables bool, pubinsert bool, pubupdate bool, pubdelete bool, pubtruncate bool, pubviaroot bool"),
        Empty(6106, "pg_publication_rel", "oid oid, prpubid oid, prrelid oid, prqual pg_node_tree, prattrs int2vector"),
        Empty(6237, "pg_publication_namespace", "oid oid, pnpubid oid, pnnspid oid"),
        Empty(6100, "pg_subscription",
            "oid oid, subdbid oid, subskiplsn pg_lsn, subname name, subowner oid, subenabled bool, subbinary bool, substream bool, subtwophasestate char, subdisableonerr bool, " +
            "subconninfo text, subslotname name, subsynccommit text, subpublications _text"),
        Empty(6102, "pg_subscription_rel", "srsubid oid, srrelid oid, srsubstate char, srsublsn pg_lsn"),
        Empty(2328, "pg_foreign_data_wrapper", "oid oid, fdwname name, fdwowner oid, fdwhandler oid, fdwvalidator oid, fdwacl _text, fdwoptions _text"),
        Empty(1417, "pg_foreign_server", "oid oid, srvname name, srvowner oid, srvfdw oid, srvtype text, srvversion text, srvacl _text, srvoptions _text"),
        Empty(3118, "pg_foreign_table", "ftrelid oid, ftserver oid, ftoptions _text"),
        Empty(1418, "pg_user_mapping", "oid oid, umuser oid, umserver oid, umoptions _text"),
        Empty(3466, "pg_event_trigger", "oid oid, evtname name, evtevent name, evtowner oid, evtfoid oid, evtenabled char, evttags _text"),
        Empty(826, "pg_default_acl", "oid oid, defaclrole oid, defaclnamespace oid, defaclobjtype char, defaclacl _text"),
        Empty(6243, "pg_parameter_acl", "oid oid, parname text, paracl _text"),
        Empty(2607, "pg_conversion", "oid oid, conname name, connamespace oid, conowner oid, conforencoding int4, contoencoding int4, conproc regproc, condefault bool"),
        Empty(2613, "pg_largeobject", "loid oid, pageno int4, data bytea"),
        Empty(2995, "pg_largeobject_metadata", "oid oid, lomowner oid, lomacl _text"),
        Empty(3596, "pg_seclabel", "objoid oid, classoid oid, objsubid int4, provider text, label text"),
        Empty(3592, "pg_shseclabel", "objoid oid, classoid oid, provider text, label text"),
        Empty(1214, "pg_shdepend", "dbid oid, classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, deptype char"),
        Empty(3576, "pg_transform", "oid oid, trftype oid, trflang oid, trffromsql regproc, trftosql regproc"),
        Empty(3602, "pg_ts_config", "oid oid, cfgname name, cfgnamespace oid, cfgowner oid, cfgparser oid"),
        Empty(3603, "pg_ts_config_map", "mapcfg oid, maptokentype int4, mapseqno int4, mapdict oid"),
        Empty(3600, "pg_ts_dict", "oid oid, dictname name, dictnamespace oid, dictowner oid, dicttemplate oid, dictinitoption text"),
        Empty(3601, "pg_ts_parser", "oid oid, prsname name, prsnamespace oid, prsstart regproc, prstoken regproc, prsend regproc, prsheadline regproc, prslextype regproc"),
        Empty(3764, "pg_ts_template", "oid oid, tmplname name, tmplnamespace oid, tmplinit regproc, tmpllexize regproc"),
        Empty(12_018, "pg_policies", "schemaname name, tablename name, policyname name, permissive text, roles _name, cmd text, qual text, with_check text", isView: true),
        Empty(12_023, "pg_rules", "schemaname name, tablename name, rulename name, definition text", isView: true),
        Empty(12_068, "pg_publication_tables", "pubname name, schemaname name, tablename name, attnames _name, rowfilter text", isView: true),
        Empty(12_090, "pg_prepared_xacts", "transaction xid, gid text, prepared timestamptz, owner name, database name", isView: true),
        Empty(12_099, "pg_seclabels", "objoid oid, classoid oid, objsubid int4, objtype text, objnamespace oid, objname text, provider text, label text", isView: true),
        Empty(12_227, "pg_stat_replication",
            "pid int4, usesysid oid, usename name, application_name text, client_addr text, client_hostname text, client_port int4, backend_start timestamptz, backend_xmin xid, state text, " +
            "sent_lsn pg_lsn, write_lsn pg_lsn, flush_lsn pg_lsn, replay_lsn pg_lsn, write_lag interval, flush_lag interval, replay_lag interval, sync_priority int4, sync_state text, " +
            "reply_time timestamptz", isView: true),
        Empty(12_257, "pg_replication_slots",
            "slot_name name, plugin name, slot_type text, datoid oid, database name, temporary bool, active bool, active_pid int4, xmin xid, catalog_xmin xid, restart_lsn pg_lsn, " +
            "confirmed_flush_lsn pg_lsn, wal_status text, safe_wal_size int8, two_phase bool", isView: true),
        Empty(12_275, "pg_stat_user_functions", "funcid oid, schemaname name, funcname name, calls int8, total_time float8, self_time float8", isView: true),
        Empty(12_334, "pg_user_mappings", "umid oid, srvid oid, srvname name, umuser oid, usename name, umoptions _text", isView: true),
        Empty(6000, "pg_replication_origin", "roident oid, roname text"),
        Empty(12_371, "pg_replication_origin_status", "local_id oid, external_id text, remote_lsn pg_lsn, local_lsn pg_lsn", isView: true),
        Empty(12_372, "pg_stat_wal_receiver",
            "pid int4, status text, receive_start_lsn pg_lsn, receive_start_tli int4, written_lsn pg_lsn, flushed_lsn pg_lsn, received_tli int4, last_msg_send_time timestamptz, " +
            "last_msg_receipt_time timestamptz, latest_end_lsn pg_lsn, latest_end_time timestamptz, slot_name text, sender_host text, sender_port int4, conninfo text", isView: true),
        Empty(12_373, "pg_stat_subscription",
            "subid oid, subname name, pid int4, relid oid, received_lsn pg_lsn, last_msg_send_time timestamptz, last_msg_receipt_time timestamptz, latest_end_lsn pg_lsn, " +
            "latest_end_time timestamptz", isView: true),
        Empty(12_374, "pg_stat_subscription_stats", "subid oid, subname name, apply_error_count int8, sync_error_count int8, stats_reset timestamptz", isView: true),
        Empty(12_375, "pg_stat_replication_slots",
            "slot_name text, spill_txns int8, spill_count int8, spill_bytes int8, stream_txns int8, stream_count int8, stream_bytes int8, total_txns int8, total_bytes int8, " +
            "stats_reset timestamptz", isView: true),
        Empty(12_376, "pg_stat_xact_user_functions", "funcid oid, schemaname name, funcname name, calls int8, total_time float8, self_time float8", isView: true),
        Empty(12_377, "pg_stats_ext_exprs",
            "schemaname name, tablename name, statistics_schemaname name, statistics_name name, statistics_owner name, expr text, inherited bool, null_frac float4, avg_width int4, " +
            "n_distinct float4, most_common_vals anyarray, most_common_freqs _float4, histogram_bounds anyarray, correlation float4, most_common_elems anyarray, " +
            "most_common_elem_freqs _float4, elem_count_histogram _float4", isView: true),
        // There are no backups over the protocol, and no statement that CLUSTER is here.
        Empty(12_378, "pg_stat_progress_basebackup", "pid int4, phase text, backup_total int8, backup_streamed int8, tablespaces_total int8, tablespaces_streamed int8", isView: true),
        Empty(12_379, "pg_stat_progress_cluster",
            "pid int4, datid oid, datname name, relid oid, command text, phase text, cluster_index_relid oid, heap_tuples_scanned int8, heap_tuples_written int8, heap_blks_total int8, " +
            "heap_blks_scanned int8, index_rebuild_count int8", isView: true),
        // VACUUM asks for a pass of the garbage collection, which goes over all tables at once and not page by page.
        Empty(12_380, "pg_stat_progress_vacuum",
            "pid int4, datid oid, datname name, relid oid, phase text, heap_blks_total int8, heap_blks_scanned int8, heap_blks_vacuumed int8, index_vacuum_count int8, " +
            "max_dead_tuples int8, num_dead_tuples int8", isView: true),
        // Neither of these files exists: who may connect is decided by address and password alone.
        Empty(12_381, "pg_hba_file_rules",
            "line_number int4, type text, database _text, user_name _text, address text, netmask text, auth_method text, options _text, error text", isView: true),
        Empty(12_382, "pg_ident_file_mappings", "line_number int4, map_name text, sys_name text, pg_username text, error text", isView: true),
    ];
}
