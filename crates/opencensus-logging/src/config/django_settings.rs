//! The names of Django's settings.

/// Settings of a Django project that have no effect on logging: those of Django's `global_settings`, and some that
/// projects are created with. In lower case.
const UNUSED: &str = "
    absolute_url_overrides allowed_hosts append_slash asgi_application auth_password_validators auth_user_model
    authentication_backends base_dir cache_middleware_alias cache_middleware_key_prefix cache_middleware_seconds caches
    csrf_cookie_age csrf_cookie_domain csrf_cookie_httponly csrf_cookie_name csrf_cookie_path csrf_cookie_samesite
    csrf_cookie_secure csrf_failure_view csrf_header_name csrf_trusted_origins csrf_use_sessions
    data_upload_max_memory_size data_upload_max_number_fields data_upload_max_number_files database_routers databases
    date_format date_input_formats datetime_format datetime_input_formats debug_propagate_exceptions decimal_separator
    default_auto_field default_charset default_content_type default_exception_reporter
    default_exception_reporter_filter default_file_storage default_from_email default_index_tablespace
    default_tablespace disallowed_user_agents email_use_localtime file_upload_directory_permissions
    file_upload_handlers file_upload_max_memory_size file_upload_permissions file_upload_temp_dir first_day_of_week
    fixture_dirs force_script_name form_renderer format_module_path forms_urlfield_assume_https ignorable_404_urls
    installed_apps language_code language_cookie_age language_cookie_domain language_cookie_httponly
    language_cookie_name language_cookie_path language_cookie_samesite language_cookie_secure languages languages_bidi
    locale_paths login_redirect_url login_url logout_redirect_url mailers media_root media_url message_storage
    message_tags middleware middleware_classes migration_modules month_day_format number_grouping opencensus
    password_hashers password_reset_timeout prepend_www root_urlconf secret_key secret_key_fallbacks
    secure_content_type_nosniff secure_cross_origin_opener_policy secure_csp secure_csp_report_only
    secure_hsts_include_subdomains secure_hsts_preload secure_hsts_seconds secure_proxy_ssl_header
    secure_redirect_exempt secure_referrer_policy secure_ssl_host secure_ssl_redirect session_cache_alias
    session_cookie_age session_cookie_domain session_cookie_httponly session_cookie_path session_cookie_samesite
    session_cookie_secure session_engine session_expire_at_browser_close session_file_path session_save_every_request
    session_serializer short_date_format short_datetime_format signing_backend silenced_system_checks site_id
    static_root static_url staticfiles_dirs staticfiles_finders staticfiles_storage storages tasks template_debug
    templates test_non_serialized_apps test_runner thousand_separator time_format time_input_formats time_zone use_etags
    use_i18n use_l10n use_thousand_separator use_tz use_x_forwarded_host use_x_forwarded_port wsgi_application
    x_frame_options year_month_format
";

/// Whether a project may have this setting, by its name in lower case, without an effect on logging. `OPENCENSUS` has
/// the settings of requests and telemetry.
pub(super) fn is_unused(name: &str) -> bool {
    UNUSED.split_whitespace().any(|unused| unused == name)
}
